# Everything a target of this house is compiled with: link kb::options, never set global flags.
add_library(kb_options INTERFACE)
add_library(kb::options ALIAS kb_options)

target_compile_options(kb_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports these inside std::vector and std::string at -O2 where nothing is wrong (GCC bugs 105329, 105651).
    target_compile_options(kb_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
    # Optimised, it takes the coroutine frame's operator delete for a stranger to its operator new (Asio has both).
    target_compile_options(kb_options INTERFACE -Wno-mismatched-new-delete)
endif()
target_include_directories(kb_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)

if(KB_SANITIZE)
    target_compile_options(kb_options INTERFACE
        -fsanitize=${KB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
        # The instrumentation hides initialisations from this analysis: false alarms in std::function, std::optional.
        -Wno-maybe-uninitialized)
    if(KB_SANITIZE MATCHES "address")
        # A check at every access through a pointer or reference costs half of the compiling time (measured: 12.2 s
        # against 7.0 s for one file), and a null or freed pointer is what the address sanitizer stops at anyway.
        target_compile_options(kb_options INTERFACE -fno-sanitize=null,alignment,vptr,object-size
                               --param=asan-instrumentation-with-call-threshold=0)
    endif()
    if(KB_SANITIZE MATCHES "thread")
        # Asio has its fences inline; that this sanitizer does not follow them is a warning, and warnings are errors.
        target_compile_options(kb_options INTERFACE -Wno-tsan)
    endif()
    target_link_options(kb_options INTERFACE -fsanitize=${KB_SANITIZE})
endif()
if(KB_FUZZ)
    target_compile_options(kb_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
    target_link_options(kb_options INTERFACE -fsanitize=address,undefined)
endif()

# With several files in one object (kb_unity), a program would take what it never calls along into its memory.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(kb_options INTERFACE -ffunction-sections -fdata-sections)
    target_link_options(kb_options INTERFACE -Wl,--gc-sections)
endif()

# Asio compiled once (cmake/boost_asio.cpp): a third off the build time of every file that includes it.
if(NOT KB_FUZZ)
    find_package(Threads REQUIRED)
    find_package(OpenSSL REQUIRED)
    add_library(kb_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/boost_asio.cpp)
    target_compile_definitions(kb_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION)
    target_link_libraries(kb_asio PUBLIC Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
    if(KB_SANITIZE)
        target_compile_options(kb_asio PRIVATE -fsanitize=${KB_SANITIZE} -fno-omit-frame-pointer -w)
    endif()
    target_link_libraries(kb_options INTERFACE kb_asio)
endif()

# kb_unity(TARGET APART file...): where KB_UNITY is on, files of the target are compiled several at once, since half of
# the time goes into headers that they share. Not those named: their helpers of one name would meet, or headers that do
# not bear each other. The presets dev and tidy are without it and so keep every file honest about its includes.
function(kb_unity target)
    cmake_parse_arguments(arg "" "" "APART" ${ARGN})
    if(NOT KB_UNITY)
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
    # What is included does not count as the main file, so its own types would be complained about.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    if(arg_APART)
        set_source_files_properties(${arg_APART} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
endfunction()

# cpprestsdk defines a macro named U, which breaks Boost and fmt headers unless it is told not to.
target_compile_definitions(kb_options INTERFACE _TURN_OFF_PLATFORM_STRING)

configure_file(${CMAKE_SOURCE_DIR}/cmake/version.hpp.in ${CMAKE_BINARY_DIR}/generated/kb_version.hpp @ONLY)
