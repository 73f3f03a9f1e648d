#pragma once

// The part of a server on one loop: its acceptors and the connections that they have accepted.
// Everything happens on the loop's thread. Lanes share nothing but `serving`. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/async/standing_call.hpp>
#include <aio/net/listener.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/traffic.hpp>
#include <aio/server/acceptor.hpp>
#include <aio/server/datagram_session.hpp>
#include <aio/server/farewell.hpp>
#include <aio/server/handshake_places.hpp>
#include <aio/server/serving.hpp>
#include <aio/server/session.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::server {

/// Where a lane listens, and where its datagrams arrive.
struct lane_places {
    std::vector<std::shared_ptr<net::listener>> listeners;
    std::vector<std::shared_ptr<net::socket>> datagrams;
};

class lane : public std::enable_shared_from_this<lane> {
  public:
    /// `empty` is called once on the loop `owner`, when the lane was stopped and no connection is
    /// left, even if it was never started.
    lane(
        async::loop& home,
        std::shared_ptr<serving> shared,
        async::loop& owner,
        std::function<void()> empty
    )
        : home_(home), shared_(std::move(shared)), owner_(owner), empty_(std::move(empty)) {}

    ~lane();

    async::loop& home() const noexcept { return home_; }

    /// Valid once it was started.
    net::poller& on() const noexcept { return *on_; }

    serving& shared() const noexcept { return *shared_; }

    /// The bytes of all its connections so far. From any thread.
    const net::traffic& traffic() const noexcept { return traffic_; }

    /// The same. Written on the lane's loop.
    net::traffic& traffic() noexcept { return traffic_; }

    /// Accepts, unless the intake has ended meanwhile. `all`: who else watches the listeners.
    /// Throws std::system_error; begin_stop() has to follow then.
    void start(lane_places from, watchers all);

    // In a later turn of the lane's loop, in the order of the calls, without an allocation. From
    // one thread.

    /// Accepts no more connections. Datagrams that have arrived are still served.
    void end_intake() noexcept { end_intake_.request(home_, shared_from_this()); }

    void begin_stop() noexcept { begin_stop_.request(home_, shared_from_this()); }

    void cancel() noexcept { cancel_.request(home_, shared_from_this()); }

    bool cancelled() const noexcept { return cancelled_; }

    bool stopping() const noexcept { return state_ == state::stopping; }

    std::vector<std::string> unfinished() const;

    /// Takes a place for a connection that is about to be accepted; give_back_place() has to
    /// follow. Returns as places::take().
    std::size_t take_place() noexcept;
    /// Called when a connection waits because there is no place. wake() is called later. Returns
    /// when this has to be called again if a connection still waits then.
    std::optional<async::time_point> wait_for_place() noexcept;
    void give_back_place() noexcept;

    /// There may be a free place, also for a handshake: the lane looks in a later turn. From any
    /// thread.
    void wake() noexcept { wake_.request(home_, shared_from_this()); }

    /// Those of TLS. Valid once it was started.
    handshake_queue& handshakes() noexcept { return *handshakes_; }

    void accepted(net::accepted connected) noexcept;
    /// The server is full: closes the connection, after the last word of the protocol if it has
    /// one.
    void refuse(net::accepted connected) noexcept;
    /// Sends the end after what was sent before, and waits for the peer's end, within the bounds of
    /// a farewell.
    void part_from(net::accepted connected) noexcept;
    /// Destroys it.
    void remove(farewell& member) noexcept;
    void remove(session& member) noexcept;
    void remove(datagram_session& member) noexcept;

  private:
    enum class state { idle, accepting, intake_ended, stopping };

    /// Of refused connections that wait for their peer; others are closed at once.
    static constexpr std::size_t most_farewells = 64;

    template <void (lane::*Member)()>
    using call = async::standing_call<lane, Member>;

    void room();
    void end_intake_now();
    void begin_stop_now();
    void cancel_now();
    void tell_empty();

    void nothing() {}

    void serve_datagrams(net::socket from, const datagram_maker& make);
    /// How a connection comes in: as one of its peer, or after the header of a proxy.
    enum class entrance { counted, by_header };
    /// Returns nothing when the server does not let the connection in; it is reset then.
    std::optional<entrance> admit(net::accepted& connected);
    void say(std::string_view word, net::accepted connected);
    void add(session& member) noexcept;
    void accept_no_more() noexcept;
    void check_empty() noexcept;

    async::loop& home_;
    std::shared_ptr<serving> shared_;
    net::poller* on_ = nullptr;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
    std::vector<datagram_session*> datagrams_;
    std::vector<std::unique_ptr<farewell>> farewells_;
    session* first_ = nullptr;
    std::size_t count_ = 0;
    net::traffic traffic_;
    std::optional<handshake_queue> handshakes_; ///< nothing: plain
    async::loop& owner_;
    std::function<void()> empty_;
    std::shared_ptr<lane> self_; ///< while there are connections
    call<&lane::room> wake_{*this};
    call<&lane::end_intake_now> end_intake_{*this};
    call<&lane::begin_stop_now> begin_stop_{*this};
    call<&lane::cancel_now> cancel_{*this};
    call<&lane::nothing> last_{*this};          ///< gives self_ up
    call<&lane::tell_empty> empty_call_{*this}; ///< on the loop of the owner
    state state_ = state::idle;
    bool cancelled_ = false;
    bool told_empty_ = false;
};

} // namespace aio::server
