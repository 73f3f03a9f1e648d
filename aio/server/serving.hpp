#pragma once

// What all connections of a running server share, over its loops. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/base/once_a_minute.hpp>
#include <aio/base/units.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/server/context.hpp>
#include <aio/server/handler.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::server {

struct serving {
    std::string label;   ///< "web"
    std::string section; ///< "server/web"
    handler with;
    context given;
    std::shared_ptr<const net::tls_context> tls;
    log::logger& log;
    std::size_t most = 0;
    std::optional<base::duration> idle;
    /// Lets the unit that serves crash; by default the unit of `section`. Called on any loop.
    std::function<void(std::exception_ptr why)> crash;

    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> accepted{0}; ///< in all
    std::atomic<bool> crowded{false};     ///< an acceptor waits for one to end

    serving(context given_, handler with_, log::logger& log_)
        : with(std::move(with_)), given(std::move(given_)), log(log_) {}

    /// Takes one of max_connections; every true is followed by one leave().
    bool enter() noexcept {
        if (connections.fetch_add(1) < most)
            return true;
        connections.fetch_sub(1);
        return false;
    }

    /// True: somebody waits for room.
    bool leave() noexcept {
        connections.fetch_sub(1);
        return crowded.load() && crowded.exchange(false);
    }

    /// Reports the error of a connection or a datagram that is not a matter of the network. A
    /// base::mistake is reported once and crashes the unit: every other connection would repeat it.
    /// `what` is the whole line without the error. On any loop.
    void failed(std::string_view what, const std::exception_ptr& why) noexcept;

    /// accept() has failed: how often it did unmentioned; nothing: say nothing now.
    std::optional<std::uint64_t> trouble(async::time_point now) {
        const std::lock_guard lock(guard_);
        return said_.note(now.time_since_epoch());
    }

  private:
    std::mutex guard_;
    base::once_a_minute said_;
    std::atomic<bool> mistaken_{false};
};

} // namespace aio::server
