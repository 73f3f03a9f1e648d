#include <aio/net/error.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/stream_session.hpp>

#include <fmt/format.h>

#include <new>
#include <utility>
#include <variant>

namespace aio::server {

void stream_session::serve() {
    watch_time();
    async::runner& runner = async::runner::take(lane_.home());
    runner.describe = [](const void* subject) {
        return static_cast<const stream_session*>(subject)->who();
    };
    runner.subject = this;
    runner.owner = lane_.shared().section;
    runner.since = lane_.home().now();
    hold();
    runner_ = &runner;
    try {
        if (!runner.start(*this, *this))
            return;
    } catch (const std::bad_alloc&) { // nothing runs
        runner_ = nullptr;
        if (asked_) // the runner keeps the handle until the loop ends
            return over(std::current_exception());
        runner.park();
        let_go();
        throw;
    }
    runner_ = nullptr;
    runner.park();
    over(std::move(why_));
}

bool stream_session::next(task<void>& into) noexcept {
    if (std::exchange(asked_, true))
        return false;
    try {
        net::stream handle(this);
        into = std::get<stream_handler>(lane_.shared().protocol_handler)(
            std::move(handle), lane_.shared().shared_context
        );
        return true;
    } catch (...) {
        failed(std::current_exception());
        return false;
    }
}

void stream_session::ended(async::runner&, std::exception_ptr why) noexcept {
    runner_ = nullptr;
    over(std::move(why));
}

namespace {

/// Whether a write has waited for too long.
bool is_late_write(const std::exception_ptr& why) noexcept {
    try {
        if (why)
            std::rethrow_exception(why);
    } catch (const net::connection_timeout& late) {
        return late.which == net::side::writing;
    } catch (...) { // another error, which is reported
    }
    return false;
}

} // namespace

// The connection closes even if its handle was moved elsewhere and still exists.
void stream_session::over(std::exception_ptr why) noexcept {
    const bool deaf = is_late_write(why);
    if (why)
        report(std::move(why), ended_by());
    if (deaf && open())
        abort();
    else
        end();
    leave_lane_when_over();
    let_go();
}

// The handle may live on elsewhere: it no longer counts.
void stream_session::leave_lane_when_over() noexcept {
    if (!runner_ && !open())
        leave_owner();
}

void stream_session::interrupt() noexcept {
    if (runner_)
        runner_->cancel(boost::asio::cancellation_type::terminal);
}

std::string stream_session::unfinished() const {
    if (!runner_)
        return what_it_awaits();
    const async::task_info info = async::describe(*runner_, lane_.home().now());
    const double seconds = std::chrono::duration<double>(info.lasts).count();
    return fmt::format("{} awaits {} for {:.1f} s", info.name, info.awaits, seconds);
}

} // namespace aio::server
