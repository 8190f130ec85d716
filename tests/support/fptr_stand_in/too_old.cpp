// A library of the same name from before tasks and records were known: for the message that says so.
#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT const char* libfptr_get_version_string();
EXPORT int libfptr_create(void** handle);

EXPORT const char* libfptr_get_version_string() { return "10.0.0.1"; }

EXPORT int libfptr_create(void**) { return -1; }
