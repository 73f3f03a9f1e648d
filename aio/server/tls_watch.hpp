#pragma once

// Watches the files of a server's TLS, and puts what they hold in the place of what was read
// before. Connections keep what they have. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/file_watch.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_files.hpp>
#include <aio/service/runtime.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::server {

/// Decides when the log hears of certificates that are about to expire: once a day. Pure.
class AIO_API expiry_notice {
  public:
    /// The lines of now: "the certificate a.pem expires in 3 days, on …".
    std::vector<std::string> lines(
        const std::vector<net::tls_context::shown>& all,
        async::time_point now,
        std::chrono::system_clock::time_point date
    );

    /// Other certificates are in use: their lines do not wait for the next day.
    void renewed() noexcept { said_.reset(); }

  private:
    std::optional<async::time_point> said_;
};

/// What a server has read for TLS, over all of its starts. On the loop of the unit.
struct watched_tls {
    net::tls_options options;
    std::shared_ptr<net::current_tls> current;
    net::file_watch files;
    expiry_notice expiry;
    bool never = false; ///< a pipe is among the files

    watched_tls(
        const net::tls_options& options_,
        std::shared_ptr<const net::tls_context> first,
        net::file_stamps read
    )
        : options(options_), current(std::make_shared<net::current_tls>(std::move(first))),
          files(read), never(!net::can_be_watched(read)) {}
};

/// Looks each `every`, on a thread of the app's lookups. `who` is for the log: "Server(web)".
/// Completes: never.
/// Loop: `home`.
/// Cancelled: operation_aborted at once; a call on the other thread is left.
task<void> watch_tls(
    aio::service::runtime& app,
    async::loop& home,
    log::logger& log,
    std::shared_ptr<watched_tls> what,
    base::duration every,
    std::string who
);

} // namespace aio::server
