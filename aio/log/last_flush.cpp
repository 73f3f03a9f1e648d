#include <aio/base/leavable_thread.hpp>
#include <aio/log/last_flush.hpp>

#include <system_error>
#include <vector>

namespace aio::log {

void flush_within(std::chrono::milliseconds patience, const handlers& targets) {
    const auto end = base::leavable_thread::time_point::clock::now() + patience;
    std::vector<base::leavable_thread> flushes;
    for (const auto& target : targets) {
        try {
            flushes.emplace_back([target] { target->flush(); });
        } catch (const std::system_error&) {
            continue; // no thread is to be had: this target is not flushed
        }
    }
    for (base::leavable_thread& each : flushes)
        each.join_until(end);
}

} // namespace aio::log
