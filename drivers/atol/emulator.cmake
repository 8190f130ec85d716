# The ATOL face of the virtual register; drivers/emulator reads this for each row of makes.def.
target_sources(kb_emulator PRIVATE
    ${CMAKE_CURRENT_LIST_DIR}/emulator.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_commands.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_executor.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_fn.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_info.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_make.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_options.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_payment.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_print.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_receipt.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_registers.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_reports.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_requisites.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_tables.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_v2.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_v3.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_wire.cpp)
