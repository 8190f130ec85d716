# The Shtrih-M face of the virtual register; drivers/emulator reads this for each row of makes.def.
target_sources(kb_emulator PRIVATE
    ${CMAKE_CURRENT_LIST_DIR}/emulator.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_base.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_commands.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_errors.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_fn.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_make.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_marking.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_models.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_sale.cpp ${CMAKE_CURRENT_LIST_DIR}/emulator_tables.cpp
    ${CMAKE_CURRENT_LIST_DIR}/emulator_tables_data.cpp)
