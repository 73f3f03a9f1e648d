#pragma once

// What all connections of a running server share, over its loops. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/base/once_a_minute.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/address.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/resilience/gcra.hpp>
#include <aio/server/addresses.hpp>
#include <aio/server/admission.hpp>
#include <aio/server/context.hpp>
#include <aio/server/handler.hpp>
#include <aio/server/limits.hpp>
#include <aio/server/places.hpp>
#include <aio/server/refusals.hpp>
#include <aio/server/trouble.hpp>

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
#include <vector>

namespace aio::server {

class lane;

/// Used from any thread, except for the members that are set before the start.
struct serving {
    std::string label;   ///< "web"
    std::string section; ///< "server/web"
    handler protocol_handler;
    context shared_context;
    std::shared_ptr<const net::current_tls> tls; ///< nullptr: plain
    log::logger& log;
    const aio::server::limits limits;
    std::vector<std::weak_ptr<lane>> lanes;
    /// Makes the unit that serves crash; by default the unit of `section`. Called on any loop.
    std::function<void(std::exception_ptr why)> crash;

    aio::server::places places;
    std::atomic<std::size_t> accepted{0};                  ///< in all, without refused ones
    std::atomic<std::uint64_t> handshakes{0};              ///< of TLS, that were good
    std::atomic<std::uint64_t> resumed{0};                 ///< among them
    std::unique_ptr<aio::server::places> handshake_places; ///< nullptr: plain
    std::unique_ptr<resilience::shared_gcra> accept_rate;  ///< nullptr: no limit
    std::unique_ptr<addresses> clients;                    ///< nullptr: no limit for any
    refusals refused;

    serving(
        context given_,
        std::string section_,
        handler with_,
        const aio::server::limits& limits_,
        log::logger& log_
    );

    /// Judges the peer of a connection that was accepted. It goes on to step::proxy when the header
    /// of a proxy has to tell the client first; otherwise as admit().
    ruling greet(const net::address& peer, async::time_point now);
    /// Judges the client of a connection. When it goes on, left() has to follow. Throws
    /// std::bad_alloc.
    ruling admit(const net::address& client, async::time_point now);

    /// Whether a connection that is refused because the server is full may hear of it by the
    /// protocol. Over TLS it would take a handshake, which a full server does not do.
    bool speaks_to_refused(const net::address& peer) const noexcept {
        return protocol_handler.refused && !tls && (limits.proxy || limits.networks.permit(peer));
    }

    /// The last word of the protocol. Throws what the protocol throws, std::length_error.
    std::string last_word() const;

    void left(const net::address& client, async::time_point now) noexcept {
        if (clients)
            clients->leave(client, now.time_since_epoch());
    }

    /// Makes every lane try to accept again.
    void wake_lanes() noexcept;

    /// Called when a connection waits because all places are taken. Returns when it has to be
    /// called again if a connection still waits then, because the log has not heard of it.
    std::optional<async::time_point> tell_full(async::time_point now);
    /// Called when a connection has ended.
    void tell_left(async::time_point now);
    /// Called when a socket cannot `act` ("accept", "receive"). Logs it at most once a minute.
    void tell_trouble(
        async::time_point now, trouble::failure place, std::string_view act, std::string_view cause
    );
    /// Called when the run of failures of a socket has ended. Logs that the server `acts`
    /// ("accepts", "receives") again when no other socket has one.
    void tell_run_ended(trouble::run_end how, std::string_view acts);

    /// Called when a socket that has no run of failures accepts.
    void tell_accepted() {
        if (in_trouble_.load(std::memory_order_relaxed)) [[unlikely]]
            tell_success();
    }

    /// Called when a connection was accepted and then closed for `why`: a resource was short.
    void tell_dropped(async::time_point now, const std::exception_ptr& why) noexcept;
    /// refused() of the protocol has thrown: an ERROR a minute, or failed() for a mistake.
    void tell_refusal_failed(async::time_point now, const std::exception_ptr& why) noexcept;

    /// Reports the error of a connection or a datagram that is not a matter of the network. A
    /// base::mistake is reported once and crashes the unit: every other connection would repeat it.
    /// `line` is the whole line without the error. On any loop.
    void failed(std::string_view line, const std::exception_ptr& why) noexcept;

    /// Logs that a connection is closed because its peer does not read, and `bytes` or `files` are
    /// too many to keep.
    void tell_slow(
        async::time_point now, std::string_view connection, std::size_t bytes, std::size_t files
    );

    /// Called when a datagram for `target` is dropped because there is no room to send it. Returns
    /// when tell_drops() has to be called, because the log has not heard of it.
    std::optional<async::time_point>
    tell_dropped_datagram(async::time_point now, const net::address& target, bool too_long);
    /// Logs what was dropped and not logged, if the minute is over. As tell_dropped_datagram().
    std::optional<async::time_point> tell_drops(async::time_point now);
    /// The same at the end of a socket, whether the minute is over or not.
    void tell_last_drops();

  private:
    void log_drops(std::uint64_t count);
    void tell_once_a_minute(
        base::once_a_minute& told,
        std::string_view line,
        async::time_point now,
        const std::exception_ptr& why
    ) noexcept;
    void tell_success();
    void tell_recovered(std::optional<std::size_t> failures, std::string_view acts);

    const admission admission_;
    std::mutex guard_;
    std::atomic<bool> was_full_{false}; ///< tell_left() has something to do
    fullness fullness_;
    trouble trouble_;
    std::atomic<bool> in_trouble_{false}; ///< the log says so
    base::once_a_minute dropped_;
    base::once_a_minute unsaid_;
    std::atomic<bool> mistaken_{false};
    base::once_a_minute slow_;
    drops drops_;
    net::address last_dropped_;      ///< for whom the last one was
    bool last_was_too_long_ = false; ///< for the socket
};

} // namespace aio::server
