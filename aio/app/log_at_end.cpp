#include <aio/app/fatal_signals.hpp>
#include <aio/app/log_at_end.hpp>
#include <aio/app/thread_place.hpp>
#include <aio/base/visible.hpp>

#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace aio::app {

namespace {

/// A function that exit() calls gets no context of its own, so its data belongs to the process.
struct {
    std::atomic<pid_t> process{0}; ///< which has the log; a forked copy of it has not
    std::mutex ending;             ///< of logs; held while the log is written out
    log::tree* logs = nullptr;
    exit_call call = exit_call::without_stop;
    bool called_at_exit = false; ///< the functions are registered
} shared;

bool is_copy() noexcept {
    return ::getpid() != shared.process;
}

std::string_view effect_of(exit_call call) noexcept {
    switch (call) {
    case exit_call::proper:
        break;
    case exit_call::without_stop:
        return "the process ends without a stop";
    case exit_call::after_stop:
        return "the process ends before everything was destroyed";
    }
    return "";
}

std::string text_of(const char* called) {
    const std::string_view effect = effect_of(shared.call);
    if (effect.empty())
        return {};
    return fmt::format(
        "{}() was called in {}: {}",
        called,
        base::visible(thread_place::here().text(), base::layout::one_line),
        effect
    );
}

void end_log(const char* called) noexcept {
    if (is_copy()) // the lock may be held for ever
        return;
    const std::scoped_lock hold(shared.ending);
    log::tree* const logs = std::exchange(shared.logs, nullptr);
    if (!logs)
        return;
    try {
        logs->end_by_exit(text_of(called));
    } catch (const std::exception&) {
        logs->end_by_exit({}); // no memory
    }
}

void write_out(const void* logs) noexcept {
    if (!is_copy())
        static_cast<const log::tree*>(logs)->write_out();
}

} // namespace

log_at_end::log_at_end(log::tree& logs, exit_call call) {
    const std::scoped_lock hold(shared.ending);
    shared.process = ::getpid();
    shared.logs = &logs;
    shared.call = call;
    fatal_signals::at_last(write_out, &logs);
    if (std::exchange(shared.called_at_exit, true))
        return;
    std::ignore = std::atexit([] { end_log("exit"); });
    std::ignore = std::at_quick_exit([] { end_log("quick_exit"); });
}

log_at_end::~log_at_end() {
    const std::scoped_lock hold(shared.ending);
    shared.logs = nullptr;
    fatal_signals::at_last(nullptr, nullptr);
}

void log_at_end::set(exit_call call) noexcept {
    const std::scoped_lock hold(shared.ending);
    shared.call = call;
}

} // namespace aio::app
