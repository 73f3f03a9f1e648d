#pragma once

// Decides what happens to a connection between the listening socket and its protocol. The steps are
// taken in their order, those without a limit or an option are left out. Pure: the acceptor, the
// lane and the sessions find things out and act. Private to server/.

#include <aio/base/api.hpp>
#include <aio/server/refusal.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace aio::server {

/// In their order. The first four come before the connection is accepted.
enum class step : std::uint8_t {
    descriptors, ///< the process has one left for a connection
    places,      ///< max_connections
    rate,        ///< accept_rate
    accept,      ///< the connection leaves the queue
    proxy_peer,  ///< proxy_protocol: proxy_from and proxy_skip, by the address of the socket
    proxy,       ///< proxy_protocol: the header is read
    networks,    ///< allow and deny, by the address of the client
    address,     ///< address_connections and address_rate, by the address of the client
    tls,         ///< one of the handshakes, and the handshake itself
    serve,       ///< the protocol has the connection
};

inline constexpr unsigned step_count = 10;

/// What is known at a step. Each belongs to one step, except `good`.
enum class finding : std::uint8_t {
    good, ///< nothing stands against it

    no_descriptor,

    full_waits,   ///< max_connections, when_full = wait
    full_refuses, ///< max_connections, when_full = refuse

    too_early, ///< accept_rate

    nothing_accepted, ///< accept_policy says what follows

    proxy_skipped,  ///< from proxy_skip: there is no header
    proxy_stranger, ///< neither from proxy_from nor from proxy_skip

    header_incomplete,
    header_of_proxy, ///< the proxy speaks itself: it is trusted, and no client
    header_wrong,
    header_late,

    not_permitted,

    too_many,
    too_fast,

    no_slot,             ///< as many handshakes as allowed are going on
    handshake_under_way, ///< the peer has to send
    handshake_failed,
    handshake_late,
};

enum class verdict : std::uint8_t {
    go_on,  ///< to the step `next`
    wait,   ///< and ask the same step again
    refuse, ///< accept it, let the protocol say that the server is full, and close it
    reset,  ///< close it without lingering, so that the peer sees a reset
    close,  ///< close it without a word of the protocol
};

struct ruling {
    verdict what = verdict::go_on;
    step next = step::serve;    ///< after go_on; else the step itself
    std::optional<refusal> why; ///< what is counted, unless it goes on or waits
};

/// The steps of a server, by its options.
class AIO_API admission {
  public:
    /// Options that have a step of their own.
    struct used {
        bool accept_rate = false;
        bool proxy = false;
        bool networks = false;
        bool address = false;
        bool tls = false;
    };

    explicit admission(const used& options) noexcept;

    /// Whether the step has anything to find out.
    bool has(step which) const noexcept { return steps_ >> static_cast<unsigned>(which) & 1U; }

    static constexpr step first() noexcept { return step::descriptors; }

    /// What follows from a finding at a step. Precondition: the finding belongs to the step.
    ruling judge(step where, finding what) const noexcept;

    /// A row of the table. `good` goes on to the step that comes next.
    struct row {
        step where;
        finding what;
        verdict then;
        std::optional<refusal> why;
        std::optional<step> jump; ///< the first step that may come next; the usual one if not given
    };

    static std::span<const row> table() noexcept;

  private:
    step next_from(unsigned first) const noexcept;

    std::uint16_t steps_;
};

} // namespace aio::server
