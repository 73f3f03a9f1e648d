#pragma once

// Who else on this machine may read the keys of TLS, or change the files that decide whom others
// believe. Private to net/, server/ and app/.

#include <aio/base/api.hpp>
#include <aio/net/tls_context.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aio::net {

/// Why this process, as root, must not act on a key or on authorities: base/trust. Empty: it may.
/// Pipes are not looked at.
AIO_API std::string distrusted(const std::string& path);

/// The files that hold keys, each once.
AIO_API std::vector<std::string> files_with_keys(const tls_options& from);

/// What a warning says after the path of a key that everybody may read.
inline constexpr std::string_view exposed_key = "holds a key that everybody may read: chmod 600";

/// A line for each such file: "/etc/web.key holds a key that everybody may read: …".
AIO_API std::vector<std::string> exposed_keys(const tls_options& from);

} // namespace aio::net
