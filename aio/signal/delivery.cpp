#include <aio/async/aborted.hpp>
#include <aio/base/mistake.hpp>
#include <aio/signal/delivery.hpp>

#include <algorithm>

namespace aio::signal {

void log_error(
    const bus::error_log& log,
    const audience& listeners,
    std::size_t seat,
    const std::exception_ptr& why
) {
    log_error(log, *listeners.counts, listeners.records[seat]->options.name, listeners.name, why);
}

void delivery::disown() noexcept {
    for (async::runner* member = members_.first(); member; member = member->next)
        member->disown();
}

bool delivery::run(std::size_t end) {
    end_ = end;
    if (end_ <= what_.listeners.first_coroutine) {
        if (choosy_) {
            task<void> none;
            next(none);
        } else {
            call_plain();
        }
        return true;
    }
    running_ = true;
    while (at_ < end_)
        if (async::runner* const suspended = async::runner::run(here_, *this, *this))
            keep(*suspended);
    running_ = false;
    return suspended_ == 0;
}

void delivery::keep(async::runner& member) {
    const std::size_t seat = now_;
    const std::string& called = what_.listeners.records[seat]->options.name;
    member.call(called.empty() ? "a listener" : called, what_.listeners.name);
    member.tag = seat;
    members_.add(member);
    ++suspended_;
}

bool delivery::passes_over(std::size_t seat) noexcept {
    record& listens = *what_.listeners.records[seat];
    if (listens.loop ? listens.loop != &here_ : away_)
        return true;
    const bool passes = !listens.hears(what_.label, what_.sender) ||
                        (what_.listeners.strict && listens.gone) ||
                        (listens.options.once && listens.spent.exchange(true));
    called_ += !passes;
    if (std::any* const result = passes ? result_of(what_.listeners.seats[seat]) : nullptr)
        *result = uncalled{};
    return passes;
}

void drop_uncalled(std::vector<std::any>& results) {
    std::erase_if(results, [](const std::any& result) {
        return result.type() == typeid(uncalled);
    });
}

// For plain listeners that are all meant: only the seats are read.
void delivery::call_plain() noexcept {
    const audience::seat* const seats = what_.listeners.seats.data();
    const event& received = what_.sent;
    const std::size_t end = end_;
    for (std::size_t i = at_; i < end; ++i)
        try {
            for (; i < end; ++i)
                seats[i].call(*seats[i].callee, received, result_of(seats[i]));
        } catch (...) {
            fail(i, std::current_exception());
        }
    at_ = end;
}

// Calls the plain listeners before the next coroutine.
bool delivery::next(task<void>& into) noexcept {
    const audience::seat* seats = what_.listeners.seats.data();
    while (at_ < end_) {
        now_ = at_++;
        const audience::seat& seat = seats[now_];
        if (choosy_) [[unlikely]]
            if (passes_over(now_))
                continue;
        if (what_.from && what_.listeners.records[now_]->queue) [[unlikely]]
            what_.listeners.records[now_]->queue->comes_from(what_.from);
        try {
            if (seat.coroutine) {
                into = seat.start(*seat.callee, what_.sent, result_of(seat));
                last_ = at_ == end_;
                if (away_) [[unlikely]]
                    into = task<void>(carried(std::move(into)));
                return true;
            }
            seat.call(*seat.callee, what_.sent, result_of(seat));
        } catch (...) {
            fail(now_, std::current_exception());
        }
    }
    return false;
}

std::any* delivery::result_of(const audience::seat& seat) const noexcept {
    return seat.result == audience::nothing ? nullptr : &what_.results[seat.result];
}

void delivery::failed(std::exception_ptr why) noexcept {
    fail(at_ - 1, std::move(why));
}

void delivery::ended(async::runner& runner, std::exception_ptr why) noexcept {
    members_.drop(runner);
    if (why && !(cancelled_ && async::is_aborted(why)) && wanted())
        fail(runner.tag, std::move(why));
    if (--suspended_ == 0 && !running_)
        completed();
}

void delivery::fail(std::size_t seat, std::exception_ptr why) noexcept {
    log_error(what_.log, what_.listeners, seat, why);
    errors.emplace_back(seat, std::move(why));
}

void delivery::throw_errors() {
    std::ranges::sort(errors, {}, &error::first);
    std::vector<std::exception_ptr> all;
    for (auto& entry : errors)
        all.push_back(std::move(entry.second));
    const auto mistake = std::ranges::find_if(all, base::is_mistake);
    if (what_.log || mistake == all.end())
        throw emit_error(what_.listeners.name, std::move(what_.results), std::move(all));
    // There is no error log: a mistake of the handler becomes the emitter's.
    try {
        std::rethrow_exception(*mistake);
    } catch (...) {
        std::throw_with_nested(
            emit_error(what_.listeners.name, std::move(what_.results), std::move(all))
        );
    }
}

void delivery::cancel_listeners(boost::asio::cancellation_type how) {
    cancelled_ = true;
    members_.cancel(how);
}

} // namespace aio::signal
