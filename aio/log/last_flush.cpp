#include <aio/base/leavable_thread.hpp>
#include <aio/log/last_flush.hpp>

#include <system_error>
#include <vector>

namespace aio::log {

bool flush_within(std::chrono::milliseconds patience, const handlers& targets) {
    const auto end = base::leavable_thread::time_point::clock::now() + patience;
    std::vector<base::leavable_thread> flushes;
    bool all = true;
    for (const auto& target : targets) {
        try {
            flushes.emplace_back([target] { target->flush(); });
        } catch (const std::system_error&) {
            all = false; // no thread is to be had
        }
    }
    for (base::leavable_thread& each : flushes)
        all &= each.join_until(end);
    return all;
}

} // namespace aio::log
