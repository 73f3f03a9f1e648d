#include <aio/signal/near.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <cstring>

namespace aio::signal {

namespace coro = boost::asio::this_coro;

std::size_t lately::place(std::string_view name) noexcept {
    if (name.empty())
        return 0;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(name[i]); };
    return (name.size() + at(name.size() - 1) + at(name.size() / 2) * 5u) % 16;
}

const audience* lately::find(std::string_view name, std::uint64_t version) noexcept {
    const slot& one = slots_[place(name)];
    return one.version == version && one.name == name ? one.to.get() : nullptr;
}

void lately::keep(
    std::string_view name, std::uint64_t version, std::shared_ptr<const audience> to
) {
    slot& one = slots_[place(name)];
    if (one.to && one.to != to && one.to->pins > 0) {
        one.to->retired = true;
        retired_.push_back(one.to);
    }
    one.name = name;
    one.version = version;
    one.to = std::move(to);
}

// The same list may still stand in a slot; then it only loses its second reference.
void lately::unpin(const audience& one) noexcept {
    one.retired = false;
    std::erase_if(retired_, [&](const auto& other) { return other.get() == &one; });
}

// The last listener needs no owner when nobody else is suspended: the emitter waits for it and
// nobody is left to start. Only its traces in the emitter's cancellation state are wiped out.
task<std::vector<std::any>> emit_near(pinned of, const bus::error_log& log, std::any data) {
    const audience& to = *of;
    const std::string nobody;
    std::vector<std::any> results(to.results);
    const event what(to.name, data, nobody);
    const sending all{to, what, nullptr, log, results};
    near_emission one(all, *to.loops.front());
    const std::size_t last = to.seats.size() - 1;
    if (!to.seats[last].coroutine || to.seats[last].once) {
        if (!one.run(to.seats.size()))
            co_await one.suspend("emit");
    } else if (!one.run(last)) {
        // Somebody is suspended: who cancels the emit has to reach all of them.
        one.run(to.seats.size());
        co_await one.suspend("emit");
    } else {
        async::runner* mine = async::runner::of(co_await coro::executor);
        if (mine && mine->fresh()) {
            const bool throws = co_await coro::throw_if_cancelled();
            std::any* result = to.seats[last].result == audience::nothing
                                   ? nullptr
                                   : &results[to.seats[last].result];
            try {
                co_await to.seats[last].callee->start(what, result);
            } catch (...) {
                one.fail(last, std::current_exception());
            }
            if (!mine->fresh())
                co_await mine->refresh();
            co_await coro::throw_if_cancelled(throws);
        } else if (!one.run(to.seats.size())) {
            co_await one.suspend("emit");
        }
    }
    if (one.aborted() || !!(co_await coro::cancellation_state).cancelled())
        throw boost::system::system_error(
            boost::asio::error::make_error_code(boost::asio::error::operation_aborted)
        );
    one.throw_if_failed();
    co_return std::move(results);
}

} // namespace aio::signal
