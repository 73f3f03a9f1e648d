#include <aio/base/pass_signal.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>

namespace aio::base {

namespace {

std::optional<uid_t> user_of(pid_t process) {
    std::ifstream status{fmt::format("/proc/{}/status", process)};
    std::string name;
    for (uid_t user = 0; status >> name; status.ignore(4096, '\n'))
        if (name == "Uid:" && status >> user)
            return user;
    return std::nullopt;
}

int send(pid_t process, int signal) noexcept {
    return ::kill(process, signal) == 0 ? 0 : errno;
}

} // namespace

// The real and the saved user stay, so that the other user gets no right over this process.
int pass_signal(pid_t process, int signal) {
    const int error = send(process, signal);
    const uid_t own = ::geteuid();
    const auto user = error == EPERM ? user_of(process) : std::nullopt;
    if (!user || ::seteuid(*user) != 0)
        return error;
    const int error_as_user = send(process, signal);
    return ::seteuid(own) == 0 ? error_as_user : errno;
}

} // namespace aio::base
