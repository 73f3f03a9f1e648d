#include <aio/async/timer_queue.hpp>
#include <aio/net/closing.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/wire.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>
#include <tuple>
#include <utility>

namespace aio::net {

namespace {

namespace intrusive = boost::intrusive;
using in_list = intrusive::list_base_hook<intrusive::link_mode<intrusive::auto_unlink>>;

/// A stream that no server has: its timer is its own.
class own_stream final : public stream_core, public in_list, private async::timer {
  public:
    using stream_core::stop_lingering;
    using stream_core::stream_core;

    void keep_timer() { on().home().keep_room(*this); }

    void count_in(std::shared_ptr<traffic> counters) noexcept {
        counters_ = std::move(counters);
        count(*counters_);
    }

  private:
    ~own_stream() override { on().home().release_timer(*this); }

    void set_timer(async::time_point when) override {
        on().home().remove_timer(*this);
        if (open())
            on().home().add_timer(*this, when);
    }

    void lingers() noexcept override;

    void fire() override {
        if (lingering())
            return stop_lingering();
        if (const async::time_point next = check_time(); next != async::never)
            on().home().add_timer(*this, next);
    }

    std::shared_ptr<traffic> counters_;
};

/// The streams of a loop that wait for their peers before they close. They close with the loop.
class lingering_streams final : public boost::asio::execution_context::service {
  public:
    static boost::asio::execution_context::id id;

    /// Made after the poller, so it ends before it.
    static lingering_streams& of(poller& on) {
        return boost::asio::use_service<lingering_streams>(on.home().context());
    }

    explicit lingering_streams(boost::asio::execution_context& context) : service(context) {}

    /// False: the loop is closed.
    bool add(own_stream& waiting) noexcept {
        if (!over_ && !waiting.is_linked())
            all_.push_back(waiting);
        return !over_;
    }

  private:
    void shutdown() override {
        over_ = true;
        while (!all_.empty()) {
            own_stream& next = all_.front();
            all_.pop_front(); // it may live on: somebody else may hold it
            next.stop_lingering();
        }
    }

    intrusive::list<own_stream, intrusive::constant_time_size<false>> all_;
    bool over_ = false;
};

boost::asio::execution_context::id lingering_streams::id;

void own_stream::lingers() noexcept {
    if (!lingering_streams::of(on()).add(*this))
        return stop_lingering();
    set_timer(async::later(on().home().now(), limit_of_close(waits_for())));
}

own_stream* make(async::loop& home, socket& at, const address& peer) {
    poller& on = poller::of(home);
    (void)lingering_streams::of(on); // the first call may throw
    auto* const made = new own_stream(on, at.get(), peer);
    std::ignore = at.release();
    try {
        made->keep_timer();
    } catch (...) {
        made->let_go();
        throw;
    }
    return made;
}

} // namespace

void count(const stream& adopted, std::shared_ptr<traffic> counters) noexcept {
    static_cast<own_stream&>(core_of(adopted)).count_in(std::move(counters));
}

stream adopt(async::loop& home, std::unique_ptr<wire> connected) {
    socket none;
    auto* core = make(home, none, connected->peer());
    stream handle(core);
    core->plug(std::move(connected));
    core->start();
    return handle;
}

stream adopt(async::loop& home, socket connected) {
    const address peer = peer_address(connected.get());
    auto* core = make(home, connected, peer);
    stream handle(core);
    core->start();
    return handle;
}

stream adopt(async::loop& home, socket& connected, const address& peer, std::uint32_t seen) {
    auto* core = make(home, connected, peer);
    stream handle(core);
    core->start(seen);
    return handle;
}

} // namespace aio::net
