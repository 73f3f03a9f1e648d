#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/timeout.hpp>
#include <aio/net/relay.hpp>
#include <aio/net/stream_core.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

/// In a stop, when nobody sends: an answer may be on its way for so long. After the error of a
/// side, when the other one takes nothing of what came before it: it is given up.
constexpr base::duration quiet_limit = std::chrono::seconds(1);

/// No event tells that the peer's system has confirmed what was sent.
constexpr base::duration look_interval = std::chrono::milliseconds(20);

/// Somebody else may have been told of it.
[[noreturn]] void throw_error_of(const stream& broken) {
    const std::error_code noted = core_of(broken).pending_error();
    throw std::system_error(
        noted ? noted : std::make_error_code(std::errc::connection_reset), "relay"
    );
}

class relaying {
  public:
    relaying(async::loop& home, stream& first, stream& second)
        : home_(home), forward_{first, second}, backward_{second, first} {}

    relaying(const relaying&) = delete;
    relaying& operator=(const relaying&) = delete;

    ~relaying() {
        for (const direction* each : {&forward_, &backward_})
            if (each->told)
                core_of(each->from).tell_end(nullptr);
    }

    task<relayed> run();

  private:
    struct direction {
        stream& from;
        stream& to;
        std::uint64_t bytes = 0;
        bool writes = false; ///< what was read is not written yet
        bool whole = false;  ///< the end of the peer was passed on
        bool over = false;
        bool broken = false; ///< a read or a write has failed
        bool told = false;   ///< `from` tells its end

        /// What was received has not reached the far side.
        bool owes() const noexcept { return !(over || broken) || core_of(to).unconfirmed() != 0; }

        /// Differs when the far side has taken something in between.
        std::pair<std::uint64_t, std::size_t> progress() const noexcept {
            return {bytes, core_of(to).unconfirmed()};
        }
    };

    task<void> pass_on(direction& way, direction& opposite);
    task<void> pass_data(direction& way);
    task<void> pass_end(direction& way, const direction& opposite);
    task<void> outlast(direction& way, const direction& opposite);
    task<void> watch();
    task<void> deliver(const direction& way);

    bool goes_on() const noexcept {
        return !(forward_.over && backward_.over) && !given_up_ && !why_;
    }

    task<bool> changes_within(base::duration limit);

    void fail(std::exception_ptr why) noexcept {
        if (!why_ && !given_up_)
            why_ = std::move(why);
        reset();
    }

    void give_up() noexcept {
        given_up_ = true;
        reset();
    }

    void reset() noexcept {
        forward_.from.abort();
        backward_.from.abort();
    }

    async::loop& home_;
    direction forward_, backward_;
    async::event changed_; ///< a direction is over, or something else than data has come
    bool given_up_ = false;
    std::exception_ptr why_;
};

task<void> relaying::pass_on(direction& way, direction& opposite) {
    std::exception_ptr failure;
    try {
        co_await pass_data(way);
        co_await pass_end(way, opposite);
    } catch (const std::system_error&) {
        failure = std::current_exception();
    }
    if (!failure)
        co_return co_await outlast(way, opposite);
    way.broken = true;
    changed_.set();
    co_await deliver(way.writes ? opposite : way);
    std::rethrow_exception(failure);
}

task<void> relaying::pass_data(direction& way) {
    while (const auto data = co_await way.from.read()) {
        way.writes = true;
        co_await way.to.write(data);
        way.writes = false;
        way.bytes += data.size();
    }
}

/// After EPIPE of a write, the system tells the end of that side where the data before its reset
/// ends.
task<void> relaying::pass_end(direction& way, const direction& opposite) {
    const end_reason reason = way.from.end_reason();
    way.whole = reason == end_reason::peer && !opposite.broken;
    if (way.whole) {
        way.writes = true;
        co_await way.to.shutdown();
        way.writes = false;
    }
    way.over = true;
    changed_.set();
    if (reason == end_reason::idle)
        give_up();
}

/// One side has an error, and `way` reads from it. What it has received, and the system hands out
/// before the error, still goes to the far side.
task<void> relaying::deliver(const direction& way) {
    const stream_core& near = core_of(way.from);
    const stream_core& far = core_of(way.to);
    auto seen = way.progress();
    async::time_point moved = home_.now();
    while (goes_on() && way.owes() && !near.closed() && !far.closed()) {
        changed_.reset();
        co_await changes_within(look_interval);
        if (way.progress() != seen) {
            seen = way.progress();
            moved = home_.now();
        } else if (home_.now() - moved >= quiet_limit) {
            co_return;
        }
    }
}

/// While the opposite direction goes on, nobody reads from `way.from`.
task<void> relaying::outlast(direction& way, const direction& opposite) {
    const stream_core& unread = core_of(way.from);
    while (!opposite.over && !given_up_ && !why_) {
        changed_.reset();
        if (unread.closed() || unread.asked_to_end() == end_reason::idle)
            co_return give_up();
        if (unread.asked_to_end() == end_reason::none) {
            co_await changed_.wait("the other side of a relay");
            continue;
        }
        const auto before = opposite.progress();
        const bool changed = co_await changes_within(quiet_limit);
        if (!changed && opposite.progress() == before && !opposite.writes)
            co_return give_up();
    }
}

/// While the far side takes nothing, nobody reads from the near side either: its error would be
/// seen by nobody.
task<void> relaying::watch() {
    while (goes_on()) {
        changed_.reset();
        for (const direction* each : {&forward_, &backward_}) {
            if (!core_of(each->from).has_error())
                continue;
            co_await deliver(*each);
            if (goes_on())
                throw_error_of(each->from);
            co_return;
        }
        co_await changed_.wait("the end of a relay");
    }
}

task<bool> relaying::changes_within(base::duration limit) {
    try {
        co_await async::with_timeout(limit, changed_.wait("the other side of a relay"));
        co_return true;
    } catch (const async::timeout_error&) {
        co_return false;
    }
}

task<relayed> relaying::run() {
    async::task_group both(home_, {}, [this](std::string_view, std::exception_ptr failure) {
        fail(std::move(failure));
    });
    for (direction* each : {&forward_, &backward_}) {
        core_of(each->from).tell_end(&changed_);
        each->told = true;
    }
    both.spawn("relay", watch());
    both.spawn("relay", pass_on(forward_, backward_));
    both.spawn("relay", pass_on(backward_, forward_));
    std::exception_ptr cancelled;
    try {
        co_await both.join();
    } catch (...) { // thrown on after both directions
        cancelled = std::current_exception();
    }
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    given_up_ = given_up_ || cancelled;
    both.cancel();
    co_await both.join();
    if (cancelled)
        std::rethrow_exception(cancelled);
    if (why_)
        std::rethrow_exception(why_);
    if (!forward_.whole)
        backward_.from.abort();
    if (!backward_.whole)
        forward_.from.abort();
    co_return relayed{forward_.bytes, backward_.bytes};
}

} // namespace

task<relayed> relay(stream& first, stream& second) {
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    relaying both(home, first, second);
    co_return co_await both.run();
}

} // namespace aio::net
