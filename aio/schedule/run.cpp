#include <aio/schedule/run.hpp>

#include <fmt/format.h>

namespace aio::schedule {

scheduler::run::~run() {
    disarm();
    if (runner_)
        runner_->disown();
}

void scheduler::run::call(const event::occurrence& due, async::time_point now) {
    which = due;
    started = now;
    value.reset();
    error = nullptr;
    phase_ = phase::function;
    cancelled_ = cut_off_ = timed_out_ = false;
    if (of_.timed_)
        of_.loop_.add_timer(*this, async::later(now, *of_.of().timeout));
    dispatch(of_.function_, event{{std::shared_ptr<void>{}, &of_.data_}, which, of_});
}

void scheduler::run::call_back(const callback& told, base::duration took) {
    phase_ = phase::callback;
    result outcome{
        event{{std::shared_ptr<void>{}, &of_.data_}, which, of_}, std::move(value), error, took
    };
    value.reset();
    dispatch(told, std::move(outcome));
}

/// The owner and the name of a run, as tasks show it.
void scheduler::run::show_as(async::task_node& shown) const {
    shown.owner = of_.name();
    shown.subject = this;
    shown.describe = [](const void* subject) {
        const auto& self = *static_cast<const run*>(subject);
        return fmt::format(
            "run {}{}", self.which.run, self.phase_ == phase::callback ? " (callback)" : ""
        );
    };
}

template <typename Argument>
void scheduler::run::dispatch(const callable<Argument>& function, Argument argument) {
    async::task_node shown(of_.loop_);
    show_as(shown);
    const async::loop::run_of now(of_.loop_, &shown);
    task<void> work;
    std::exception_ptr why;
    try {
        if (function.plain)
            function.plain(std::move(argument), value);
        else
            work = function.coroutine(std::move(argument), value);
    } catch (...) {
        why = std::current_exception();
    }
    if (work.valid())
        proceed(std::move(work));
    else
        over(std::move(why));
}

void scheduler::run::proceed(task<void> work) {
    std::exception_ptr why;
    runner_ = async::start_inline(of_.loop_, std::move(work), *this, why);
    if (!runner_) {
        over(std::move(why));
        return;
    }
    show_as(*runner_);
    // It was cancelled before its first suspension.
    if (cancelled_)
        runner_->cancel(boost::asio::cancellation_type::terminal);
}

void scheduler::run::ended(async::runner&, std::exception_ptr why) noexcept {
    runner_ = nullptr;
    over(std::move(why));
}

void scheduler::run::over(std::exception_ptr why) {
    if (phase_ == phase::function)
        of_.function_ended(*this, std::move(why));
    else
        of_.callback_ended(*this, std::move(why));
}

void scheduler::run::fire() {
    timed_out_ = true;
    if (runner_)
        runner_->cancel(boost::asio::cancellation_type::terminal);
}

void scheduler::run::cancel() noexcept {
    cancelled_ = true;
    if (runner_)
        runner_->cancel(boost::asio::cancellation_type::terminal);
}

std::exception_ptr scheduler::run::judge(std::exception_ptr why) const {
    if (!why || !(cancelled_ || timed_out_) || !async::is_aborted(why))
        return why;
    return cancelled_ ? nullptr : std::make_exception_ptr(timed_out{*of_.of().timeout});
}

} // namespace aio::schedule
