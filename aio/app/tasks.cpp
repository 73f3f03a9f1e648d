// SIGUSR2: what every task awaits, loop by loop.

#include <aio/app/state.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/timeout.hpp>

#include <fmt/format.h>

namespace aio::app {
namespace {

using namespace std::chrono_literals;

task<std::string> tasks_of(async::loop& one) {
    std::vector<async::task_info> tasks;
    try {
        tasks = co_await async::with_timeout(1s, async::on(one, [&one] { return one.snapshot(); }));
    } catch (const async::timeout_error&) {
        co_return fmt::format("loop {}: blocked, it does not answer\n", one.name());
    }
    std::string text = fmt::format("loop {}: {} tasks\n", one.name(), tasks.size());
    for (const async::task_info& each : tasks)
        text += "    " + each.text() + "\n";
    co_return text;
}

} // namespace

task<std::string> app::tasks() {
    std::string text = co_await tasks_of(*state_->main);
    for (auto& other : state_->others.all())
        text += co_await tasks_of(*other.loop);
    co_return text;
}

} // namespace aio::app
