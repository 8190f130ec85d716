# One line a decoder: kb_add_fuzz(name) builds tests/fuzz/name.cpp.
kb_add_fuzz(cabinet_messages)
