#include <aio/signal/at_work.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace aio::signal {

// A delivery gives its runners the name of the listener, and the signal as owner.
std::string listeners_at_work(async::loop& home, std::string_view signal) {
    std::set<std::string> names;
    for (const async::task_info& task : home.snapshot())
        if (task.owner == signal)
            names.insert(task.name);
    return names.empty() ? fmt::format("listeners of {}", signal)
                         : fmt::format("listeners of {} ({})", signal, fmt::join(names, ", "));
}

} // namespace aio::signal
