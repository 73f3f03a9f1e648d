#include <aio/app/thread_place.hpp>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <tuple>

namespace aio::app {

namespace {

std::string task_of(const async::task_node& task) {
    const std::string name = task.describe ? task.describe(task.subject) : task.name;
    return task.owner.empty() ? name : fmt::format("{}: {}", task.owner, name);
}

} // namespace

thread_place thread_place::here() noexcept {
    thread_place made;
    made.thread = static_cast<pid_t>(::syscall(SYS_gettid));
    std::ignore = ::prctl(PR_GET_NAME, made.name.data());
    made.loop = async::loop::here();
    made.task = made.loop ? made.loop->running_task() : nullptr;
    return made;
}

std::string thread_place::text() const {
    return fmt::format(
        "thread {} ({}), {}, {}",
        thread,
        name.data(),
        loop ? "loop " + loop->name() : "which runs no loop",
        task ? "at work for " + task_of(*task) : "at work for no task that is known"
    );
}

} // namespace aio::app
