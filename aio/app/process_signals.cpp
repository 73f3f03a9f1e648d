#include <aio/app/process_signals.hpp>

#include <csignal>

namespace aio::app {
namespace {

bool inherited_ignored(int signal) {
    struct sigaction now{};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

} // namespace

// SIGHUP stops the app as long as there is no live reload.
std::vector<int> stop_signals() {
    std::vector<int> all{SIGTERM};
    for (const int number : {SIGINT, SIGHUP})
        if (!inherited_ignored(number))
            all.push_back(number);
    return all;
}

void catch_quietly(int signal) noexcept {
    struct sigaction now{};
    if (::sigaction(signal, nullptr, &now) != 0 || now.sa_handler != SIG_DFL)
        return;
    now.sa_handler = [](int) {};
    now.sa_flags = SA_RESTART | SA_ONSTACK;
    ::sigaction(signal, &now, nullptr);
}

} // namespace aio::app
