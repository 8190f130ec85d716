# Everything a target of this house is compiled with: link kb::options, never set global flags.
add_library(kb_options INTERFACE)
add_library(kb::options ALIAS kb_options)

target_compile_options(kb_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports these inside std::vector and std::string at -O2 where nothing is wrong (GCC bugs 105329, 105651).
    target_compile_options(kb_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
target_include_directories(kb_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)

if(KB_SANITIZE)
    target_compile_options(kb_options INTERFACE
        -fsanitize=${KB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
        # The instrumentation hides initialisations from this analysis: false alarms in std::function, std::optional.
        -Wno-maybe-uninitialized)
    target_link_options(kb_options INTERFACE -fsanitize=${KB_SANITIZE})
endif()
if(KB_FUZZ)
    target_compile_options(kb_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
    target_link_options(kb_options INTERFACE -fsanitize=address,undefined)
endif()

# cpprestsdk defines a macro named U, which breaks Boost and fmt headers unless it is told not to.
target_compile_definitions(kb_options INTERFACE _TURN_OFF_PLATFORM_STRING)

configure_file(${CMAKE_SOURCE_DIR}/cmake/version.hpp.in ${CMAKE_BINARY_DIR}/generated/kb_version.hpp @ONLY)
