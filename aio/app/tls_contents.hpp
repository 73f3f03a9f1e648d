#pragma once

// For `aio config check`: whether the certificates, keys and authorities that a configuration names
// can be used together. Private to app/.

#include <aio/app/plan.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

namespace aio::app {

/// An error for each file of a server or client that TLS could not use, at its own place: it is
/// damaged, or a key is another one's. Reads the files as a start does; blocks. What cannot be
/// opened is left out: check_surroundings() has said it, or it is for another user to read. So is a
/// pipe, with the key or certificate that goes with it: what it holds can be read once only.
void check_tls_contents(const plan& planned, const config::tree& from, base::diagnostics& problems);

} // namespace aio::app
