#pragma once

// The files that a server or a client names for TLS, as they are now. Private to app/.

#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>
#include <aio/server/spec.hpp>

#include <string>

namespace aio::app {

/// An error for each file that cannot be read, or that root must not act on. Warnings for keys that
/// everybody may read, and for certificates that expire soon or that no client is shown. Pipes are
/// not read. Relative paths start at `directory`.
void check_tls_files(
    const config::section& section,
    const server::spec& spec,
    const std::string& directory,
    base::diagnostics& problems
);

/// The same for a client's section; without TLS it names none. A client reads them as the user of
/// `[aio] user`; without one `as_own_user` is true, and the rule for root counts. Whether a file
/// can be read is judged for the user of this process.
void check_tls_files_of_client(
    const config::section& section,
    bool as_own_user,
    const std::string& directory,
    base::diagnostics& problems
);

} // namespace aio::app
