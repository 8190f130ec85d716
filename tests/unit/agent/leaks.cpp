// What the leak sanitizer may find in these tests without being wrong about us: OpenSSL keeps an error state
// per thread, and cpprestsdk's threads end after OpenSSL has cleaned up: a few kilobytes, once per process. A
// call given up in mid-answer leaves its body with cpprestsdk's threads, which the end of the process cuts
// off.
extern "C" const char*
__lsan_default_suppressions(); // NOLINT(bugprone-reserved-identifier): the sanitizer's name

extern "C" const char* __lsan_default_suppressions() // NOLINT(bugprone-reserved-identifier)
{
    return "leak:libcrypto.so\nleak:libcpprest.so";
}
