#include <aio/base/system_reason.hpp>
#include <aio/server/accept_policy.hpp>
#include <aio/server/system_cause.hpp>

#include <fmt/format.h>

#include <cerrno>

namespace aio::server {

std::string cause_of(int number) {
    std::string text = base::system_reason(number);
    if (classify(number) == accept_error::refused)
        return text + " (a firewall, a security module or a filter of system calls)";
    return text;
}

std::string cause_of_reserve(std::size_t kept) {
    return fmt::format(
        "{}; {} stay free for other work, see [aio] reserve_files", cause_of(EMFILE), kept
    );
}

} // namespace aio::server
