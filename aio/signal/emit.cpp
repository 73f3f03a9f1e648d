// All ways to emit. The common ones are in one file with their coroutines, so that the compiler
// sees both.

#include <aio/signal/bus_state.hpp>
#include <aio/signal/emission.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace aio::signal {

namespace {

boost::system::system_error aborted() {
    return boost::system::system_error(
        boost::asio::error::make_error_code(boost::asio::error::operation_aborted)
    );
}

task<std::vector<std::any>> nobody() {
    co_return std::vector<std::any>();
}

// An emit on the home loop whose listeners all live there.
task<std::vector<std::any>> emit_near(pinned pin, const bus::error_log& log, parcel data) {
    const audience& listeners = *pin;
    std::vector<std::any> results(listeners.results);
    const event received(listeners.name, data.data, listeners.nobody);
    const sending all{listeners, received, nullptr, log, results};
    near_emission calls(all, *listeners.loops.front());
    if (!calls.run(listeners.seats.size())) {
        near_emission::wait until_completed(calls);
        co_await until_completed.outlast("emit");
        if (until_completed.aborted())
            throw aborted();
    }
    calls.throw_if_failed();
    co_return std::move(results);
}

} // namespace

task<std::vector<std::any>> bus::state::emit(
    std::shared_ptr<const audience> listeners,
    std::optional<std::string> label,
    std::any data,
    std::string emitter
) {
    async::loop* here = &home;
    if (!home.running_here())
        here = async::loop::of(co_await boost::asio::this_coro::executor);
    std::vector<std::any> results(listeners->results);
    const event received(listeners->name, data, emitter);
    const async::task_node* from = nullptr;
    if (listeners->queued)
        from = async::task_node::of(co_await boost::asio::this_coro::executor);
    const sending all{*listeners, received, label ? &*label : nullptr, log, results, nullptr, from};
    emission owner(all, *here, listeners);
    const bool over = owner.start();
    sweep(*listeners);
    if (!over) {
        co_await owner.outlast("emit");
        sweep(*listeners); // `once` listeners that were called on other loops
    }
    owner.check();
    co_return std::move(results);
}

task<std::vector<std::any>>
bus::state::emit_far(std::string_view name, std::any& data, std::string_view emitter) {
    if (auto listeners = find(name))
        return emit(std::move(listeners), std::nullopt, std::move(data), std::string(emitter));
    return nobody();
}

task<std::vector<std::any>>
bus::emit(std::string_view name, std::any data, std::string_view emitter) {
    const audience* listeners = nullptr;
    if (emitter.empty() && state_->home.running_here())
        listeners = state_->find_near(name);
    if (!listeners)
        return state_->emit_far(name, data, emitter);
    return emit_near(pinned(*listeners), state_->log, parcel(data));
}

task<std::vector<std::any>> bus::emit_to(
    std::string_view label, std::string_view name, std::any data, std::string_view emitter
) {
    if (auto listeners = state_->find(name))
        return state_->emit(
            std::move(listeners), std::string(label), std::move(data), std::string(emitter)
        );
    return nobody();
}

// The errors are in the log already, each with its listener. A cancelled emit has ended, too.
task<void> bus::state::emit_unheard(
    std::shared_ptr<const audience> listeners,
    std::any data,
    std::string emitter,
    under_way::round posted_in
) {
    try {
        co_await emit(std::move(listeners), std::nullopt, std::move(data), std::move(emitter));
    } catch (...) {
    }
    posted.end(posted_in);
}

void bus::post(std::string_view name, std::any data, std::string_view emitter) {
    state_->home.post([state = state_.get(),
                       round = state_->posted.begin(),
                       name = std::string(name),
                       data = std::move(data),
                       emitter = std::string(emitter)]() mutable {
        try {
            if (auto listeners = state->find(name))
                return state->posts.spawn(
                    name,
                    state->emit_unheard(
                        std::move(listeners), std::move(data), std::move(emitter), round
                    )
                );
        } catch (...) { // there is no memory for the task
            if (state->log)
                state->log("Error emitting signal '" + name + "'", std::current_exception());
        }
        state->posted.end(round);
    });
}

task<void> bus::posted() {
    co_await state_->posted.none();
}

/// Waits for each queue once; true when all were empty at once.
task<bool> bus::state::drain() {
    bool nothing = true;
    for (auto& backlog : all_queues())
        nothing &= co_await backlog::idle(std::move(backlog));
    co_return nothing;
}

// A listener may emit what another one hears.
task<void> bus::drained() {
    do
        co_await posted();
    while (!co_await state_->drain() || state_->posted.size() > 0);
}

task<void> bus::heard() {
    co_await state_->posted.those_of_now();
    for (auto& backlog : state_->all_queues())
        co_await backlog::heard(std::move(backlog));
}

} // namespace aio::signal
