// What libumockdev's preload asks of the address sanitizer.
#if defined(__SANITIZE_ADDRESS__)
/// The preload comes before the sanitizer's runtime, which only checks that it is first; what it finds, it
/// still finds.
extern "C" const char* __asan_default_options(); // NOLINT(bugprone-reserved-identifier): the runtime's name
extern "C" const char* __asan_default_options() { return "verify_asan_link_order=0"; } // NOLINT
#endif
