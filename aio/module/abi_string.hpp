#pragma once

// What a module and the library have to agree on, as one string literal made by the preprocessor:
// AIO_ABI. Compiled into both, compared before any code of the module runs.

#include <boost/version.hpp>

#include <fmt/core.h>

/// Raised whenever a public header changes what lies in memory or what a symbol means.
#define AIO_ABI_NUMBER 1

#define AIO_ABI_TEXT_(x) #x
#define AIO_ABI_TEXT(x) AIO_ABI_TEXT_(x)

#if defined(BOOST_ASIO_SEPARATE_COMPILATION) && defined(BOOST_ASIO_DYN_LINK)
#define AIO_ABI_ASIO "shared"
#elif defined(BOOST_ASIO_SEPARATE_COMPILATION)
#define AIO_ABI_ASIO "separate"
#else
#define AIO_ABI_ASIO "headers"
#endif
#if defined(BOOST_ASIO_HAS_IO_URING)
#define AIO_ABI_URING "+uring"
#else
#define AIO_ABI_URING ""
#endif
#if defined(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
#define AIO_ABI_FRAMES "new"
#else
#define AIO_ABI_FRAMES "recycled"
#endif

// Clang and GCC mangle constrained templates differently.
#if defined(__clang__)
#define AIO_ABI_COMPILER "clang"
#else
#define AIO_ABI_COMPILER "gcc"
#endif

#if defined(_LIBCPP_VERSION)
#define AIO_ABI_LIBRARY "libc++"
#else
#define AIO_ABI_LIBRARY "libstdc++"
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI)
#define AIO_ABI_STRINGS AIO_ABI_TEXT(_GLIBCXX_USE_CXX11_ABI)
#else
#define AIO_ABI_STRINGS "-"
#endif
#if defined(_GLIBCXX_DEBUG)
#define AIO_ABI_CHECKS "debug"
#elif defined(_GLIBCXX_ASSERTIONS)
#define AIO_ABI_CHECKS "assertions"
#else
#define AIO_ABI_CHECKS "off"
#endif

#if !defined(__has_feature)
#define AIO_ABI_HAS(x) 0
#else
#define AIO_ABI_HAS(x) __has_feature(x)
#endif
#if defined(__SANITIZE_ADDRESS__) || AIO_ABI_HAS(address_sanitizer)
#define AIO_ABI_SANITIZER "address"
#elif defined(__SANITIZE_THREAD__) || AIO_ABI_HAS(thread_sanitizer)
#define AIO_ABI_SANITIZER "thread"
#else
#define AIO_ABI_SANITIZER "none"
#endif

#define AIO_ABI                                                                                    \
    "aio=" AIO_ABI_TEXT(AIO_ABI_NUMBER) ";boost=" AIO_ABI_TEXT(BOOST_VERSION                       \
    ) ";asio=" AIO_ABI_ASIO AIO_ABI_URING ";frames=" AIO_ABI_FRAMES                                \
      ";fmt=" AIO_ABI_TEXT(FMT_VERSION) ";compiler=" AIO_ABI_COMPILER ";library=" AIO_ABI_LIBRARY  \
                                        ";cxx11_strings=" AIO_ABI_STRINGS                          \
                                        ";library_checks=" AIO_ABI_CHECKS                          \
                                        ";sanitizer=" AIO_ABI_SANITIZER
