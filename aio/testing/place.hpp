#pragma once

// A listener in a network of a test. Private to testing/.

#include <aio/async/loop.hpp>
#include <aio/async/timer_queue.hpp>
#include <aio/net/listener.hpp>
#include <aio/testing/link.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace aio::testing {

class world;

class place final : public net::listener, public std::enable_shared_from_this<place> {
  public:
    /// `name`: of the endpoint.
    place(std::shared_ptr<world> owner, std::string name);
    ~place() override;

    void listen(const std::string& name, int backlog) override;
    void watch(net::poller& on, net::watch& user, net::watchers who) override;
    void forget(net::poller& on, net::watch& user) noexcept override;
    net::accepted accept(net::poller& on) noexcept override;

    bool listens() const noexcept { return most_ != 0; }

    bool full() const noexcept { return waiting_.size() >= most_; }

    /// A client has connected; it waits until it is accepted.
    void add(std::shared_ptr<link> made, async::loop& from);

  private:
    struct bell;

    /// Tells one who watches, if anybody waits.
    void ring(chance dice);

    const std::shared_ptr<world> owner_;
    const std::string name_;
    std::size_t most_ = 0;
    std::deque<std::shared_ptr<link>> waiting_;
    std::vector<std::unique_ptr<bell>> bells_;
};

} // namespace aio::testing
