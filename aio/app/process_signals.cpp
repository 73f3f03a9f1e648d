#include <aio/app/process_signals.hpp>

#include <csignal>

namespace aio::app {
namespace {

bool inherited_ignored(int signal) {
    struct sigaction now{};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

} // namespace

std::vector<int> stop_signals() {
    std::vector<int> all{SIGTERM};
    for (const int one : {SIGINT, SIGHUP})
        if (!inherited_ignored(one))
            all.push_back(one);
    return all;
}

} // namespace aio::app
