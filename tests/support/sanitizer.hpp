#pragma once

namespace support {

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define AIO_TEST_THREAD_SANITIZER
#endif
#elif defined(__SANITIZE_THREAD__)
#define AIO_TEST_THREAD_SANITIZER
#endif

/// ThreadSanitizer delays signals, and handles those of a crash itself.
#ifdef AIO_TEST_THREAD_SANITIZER
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif

} // namespace support
