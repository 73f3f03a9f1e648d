#include <aio/async/timer_queue.hpp>
#include <aio/net/stream_core.hpp>

namespace aio::net {

namespace {

/// A stream that no server has: its timer is its own.
class own_stream final : public stream_core, private async::timer {
  public:
    using stream_core::stream_core;

  private:
    ~own_stream() override { on().home().remove_timer(*this); }

    void set_timer(async::time_point when) override {
        on().home().remove_timer(*this);
        if (open())
            on().home().add_timer(*this, when);
    }

    void fire() override {
        if (const async::time_point next = check_time(); next != async::never)
            on().home().add_timer(*this, next);
    }
};

} // namespace

stream adopt(async::loop& home, socket connected) {
    const address peer = peer_address(connected.get());
    auto* core = new own_stream(poller::of(home), connected.release(), peer);
    stream handle(core);
    core->start();
    return handle;
}

} // namespace aio::net
