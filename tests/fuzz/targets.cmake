# One line a decoder: kb_add_fuzz(name) builds tests/fuzz/name.cpp.
kb_add_fuzz(cabinet_messages)
kb_add_fuzz(shtrih_frame_v1)
kb_add_fuzz(shtrih_frame_v2)
kb_add_fuzz(shtrih_commands)
kb_add_fuzz(shtrih_replies)
kb_add_fuzz(shtrih_exchange)
