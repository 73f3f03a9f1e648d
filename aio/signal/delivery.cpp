#include <aio/async/aborted.hpp>
#include <aio/base/mistake.hpp>
#include <aio/signal/delivery.hpp>

#include <algorithm>

namespace aio::signal {

void log_error(
    const bus::error_log& log, const audience& to, std::size_t seat, const std::exception_ptr& why
) {
    log_error(log, *to.counts, to.records[seat]->options.name, to.name, why);
}

void delivery::disown() noexcept {
    for (async::runner* one = first_; one; one = one->next)
        one->disown();
}

bool delivery::run(std::size_t end) {
    end_ = end;
    if (end_ <= what_.to.first_coroutine) {
        if (choosy_) {
            task<void> none;
            next(none);
        } else {
            call_plain();
        }
        return true;
    }
    running_ = true;
    while (at_ < end_) {
        async::runner& one = async::runner::take(here_);
        if (one.start(*this, *this))
            one.park();
        else
            keep(one);
    }
    running_ = false;
    return suspended_ == 0;
}

void delivery::keep(async::runner& one) {
    const std::size_t seat = now_;
    const std::string& called = what_.to.records[seat]->options.name;
    one.call(called.empty() ? "a listener" : called, what_.to.name);
    one.tag = seat;
    one.previous = nullptr;
    one.next = first_;
    if (first_)
        first_->previous = &one;
    first_ = &one;
    ++suspended_;
}

bool delivery::passes_over(std::size_t seat) noexcept {
    record& listens = *what_.to.records[seat];
    if (listens.loop ? listens.loop != &here_ : away_)
        return true;
    const bool passes = !listens.hears(what_.label, what_.sender) ||
                        (what_.to.strict && listens.gone) ||
                        (listens.options.once && listens.spent.exchange(true));
    called_ += !passes;
    if (std::any* const result = passes ? result_of(what_.to.seats[seat]) : nullptr)
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
    const audience::seat* const seats = what_.to.seats.data();
    const event& what = what_.what;
    const std::size_t end = end_;
    for (std::size_t i = at_; i < end; ++i)
        try {
            for (; i < end; ++i)
                seats[i].call(*seats[i].callee, what, result_of(seats[i]));
        } catch (...) {
            fail(i, std::current_exception());
        }
    at_ = end;
}

// Calls the plain listeners before the next coroutine.
bool delivery::next(task<void>& into) noexcept {
    const audience::seat* seats = what_.to.seats.data();
    while (at_ < end_) {
        now_ = at_++;
        const audience::seat& one = seats[now_];
        if (choosy_) [[unlikely]]
            if (passes_over(now_))
                continue;
        if (what_.from && what_.to.records[now_]->queue) [[unlikely]]
            what_.to.records[now_]->queue->comes_from(what_.from);
        try {
            if (one.coroutine) {
                into = one.start(*one.callee, what_.what, result_of(one));
                if (away_) [[unlikely]]
                    into = task<void>(carried(std::move(into)));
                return true;
            }
            one.call(*one.callee, what_.what, result_of(one));
        } catch (...) {
            fail(now_, std::current_exception());
        }
    }
    return false;
}

std::any* delivery::result_of(const audience::seat& one) const noexcept {
    return one.result == audience::nothing ? nullptr : &what_.results[one.result];
}

void delivery::failed(std::exception_ptr why) noexcept {
    fail(at_ - 1, std::move(why));
}

void delivery::ended(async::runner& by, std::exception_ptr why) noexcept {
    (by.previous ? by.previous->next : first_) = by.next;
    if (by.next)
        by.next->previous = by.previous;
    if (why && !(cancelled_ && async::is_aborted(why)) && wanted())
        fail(by.tag, std::move(why));
    if (--suspended_ == 0 && !running_)
        completed();
}

void delivery::fail(std::size_t seat, std::exception_ptr why) noexcept {
    log_error(what_.log, what_.to, seat, why);
    errors.emplace_back(seat, std::move(why));
}

void delivery::throw_errors() {
    std::ranges::sort(errors, {}, &error::first);
    std::vector<std::exception_ptr> all;
    for (auto& one : errors)
        all.push_back(std::move(one.second));
    const auto mistake = std::ranges::find_if(all, base::is_mistake);
    if (what_.log || mistake == all.end())
        throw emit_error(what_.to.name, std::move(what_.results), std::move(all));
    // There is no error log: a mistake of the handler becomes the emitter's.
    try {
        std::rethrow_exception(*mistake);
    } catch (...) {
        std::throw_with_nested(emit_error(what_.to.name, std::move(what_.results), std::move(all)));
    }
}

void delivery::cancel_listeners(boost::asio::cancellation_type how) {
    cancelled_ = true;
    std::vector<std::pair<async::runner*, std::size_t>> all;
    for (async::runner* one = first_; one; one = one->next)
        all.emplace_back(one, one->use());
    for (auto [one, use] : all)
        if (one->use() == use)
            one->cancel(how);
}

} // namespace aio::signal
