#include <aio/async/timer_queue.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/wire.hpp>

#include <memory>
#include <utility>

namespace aio::net {

namespace {

/// A stream that no server has: its timer is its own.
class own_stream final : public stream_core, private async::timer {
  public:
    using stream_core::stream_core;

    void count_in(std::shared_ptr<traffic> counters) noexcept {
        counters_ = std::move(counters);
        count(*counters_);
    }

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

    std::shared_ptr<traffic> counters_;
};

} // namespace

void count(const stream& adopted, std::shared_ptr<traffic> counters) noexcept {
    static_cast<own_stream&>(core_of(adopted)).count_in(std::move(counters));
}

stream adopt(async::loop& home, std::unique_ptr<wire> connected) {
    auto* core = new own_stream(poller::of(home), -1, connected->peer());
    stream handle(core);
    core->plug(std::move(connected));
    core->start();
    return handle;
}

stream adopt(async::loop& home, socket connected) {
    const address peer = peer_address(connected.get());
    auto* core = new own_stream(poller::of(home), connected.release(), peer);
    stream handle(core);
    core->start();
    return handle;
}

} // namespace aio::net
