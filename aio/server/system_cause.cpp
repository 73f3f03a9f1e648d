#include <aio/server/accept_policy.hpp>
#include <aio/server/system_cause.hpp>

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace aio::server {

std::string cause_of(int number) {
    std::string text = std::error_code(number, std::system_category()).message();
    ::rlimit files{};
    if (number == EMFILE && ::getrlimit(RLIMIT_NOFILE, &files) == 0)
        return fmt::format("{} (this process may have {}, see ulimit -n)", text, files.rlim_cur);
    if (classify(number) == accept_error::refused)
        return text + " (a firewall, a security module or a filter of system calls)";
    return text;
}

} // namespace aio::server
