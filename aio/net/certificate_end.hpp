#pragma once

// The end of a certificate's time, in words, and looked up in a file. Private to net/, server/ and
// app/.

#include <aio/base/api.hpp>
#include <aio/net/certificate.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace aio::net {

/// How long before the end of a certificate the user is warned.
inline constexpr auto certificate_warning = std::chrono::days(14);

/// "2026-12-24 18:00:00 UTC"
AIO_API std::string utc_text(std::chrono::system_clock::time_point when);

/// "has expired, on 2026-11-29 10:00:00 UTC", "expires in 3 days, on …"; empty when that is further
/// away than certificate_warning.
AIO_API std::string end_of_certificate(
    std::chrono::system_clock::time_point end, std::chrono::system_clock::time_point now
);

/// The first certificate of a file in PEM form; nothing when it is no regular file, or one that
/// cannot be used. Reads the file.
AIO_API std::optional<certificate> first_certificate(const std::string& path);

} // namespace aio::net
