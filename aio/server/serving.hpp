#pragma once

// What all connections of a running server share, over its loops. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/base/once_a_minute.hpp>
#include <aio/base/units.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/transport_core.hpp>
#include <aio/server/context.hpp>
#include <aio/server/handler.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
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
    std::size_t max_buffered = net::transport_core::default_max_buffered;

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

    /// accept() has failed: how often it did unmentioned; nothing: say nothing now.
    std::optional<std::uint64_t> trouble(async::time_point now) {
        const std::lock_guard lock(guard_);
        return said_.note(now.time_since_epoch());
    }

    /// A peer that does not read is dropped: as trouble().
    std::optional<std::uint64_t> slow_peer(async::time_point now) {
        const std::lock_guard lock(guard_);
        return said_slow_.note(now.time_since_epoch());
    }

  private:
    std::mutex guard_;
    base::once_a_minute said_;
    base::once_a_minute said_slow_;
};

} // namespace aio::server
