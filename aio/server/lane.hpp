#pragma once

// A server's part on one loop: its acceptors and the connections they took. Everything on the
// loop's thread; nothing is shared with the other lanes but `serving`. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/traffic.hpp>
#include <aio/server/acceptor.hpp>
#include <aio/server/datagram_session.hpp>
#include <aio/server/serving.hpp>
#include <aio/server/session.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace aio::server {

class lane : public std::enable_shared_from_this<lane> {
  public:
    lane(async::loop& at, std::shared_ptr<serving> shared)
        : home_(at), shared_(std::move(shared)) {}

    ~lane();

    async::loop& home() const noexcept { return home_; }

    net::poller& on() const noexcept { return *on_; }

    serving& shared() const noexcept { return *shared_; }

    /// Of all its connections so far. From any thread.
    const net::traffic& traffic() const noexcept { return traffic_; }

    /// `room` is called when a connection has ended for which acceptors of any lane wait; `empty`
    /// once, when the lane was stopped and nothing is left.
    void start(
        std::vector<std::shared_ptr<net::socket>> sockets,
        bool sockets_are_shared,
        std::function<void()> room,
        std::function<void()> empty
    );
    /// Accepts no more; of datagrams those are served that have arrived.
    void end_intake() noexcept;
    void begin_stop() noexcept;
    void cancel() noexcept;

    bool cancelled() const noexcept { return cancelled_; }

    std::vector<std::string> unfinished() const;

    void accepted(int fd, const net::address& peer) noexcept;
    void room() noexcept;
    void remove(session& one) noexcept;
    void remove(datagram_session& one) noexcept;

  private:
    void add(session& one) noexcept;
    void accept_no_more() noexcept;
    void check_empty() noexcept;

    async::loop& home_;
    std::shared_ptr<serving> shared_;
    net::poller* on_ = nullptr;
    std::vector<std::shared_ptr<net::socket>> sockets_;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
    std::vector<datagram_session*> datagrams_;
    session* first_ = nullptr;
    std::size_t count_ = 0;
    net::traffic traffic_;
    std::function<void()> room_;
    std::function<void()> empty_;
    std::shared_ptr<lane> self_; ///< while there are connections
    bool stopping_ = false;
    bool cancelled_ = false;
};

} // namespace aio::server
