#include <aio/base/system_reason.hpp>
#include <aio/server/accept_policy.hpp>
#include <aio/server/system_cause.hpp>

namespace aio::server {

std::string cause_of(int number) {
    std::string text = base::system_reason(number);
    if (classify(number) == accept_error::refused)
        return text + " (a firewall, a security module or a filter of system calls)";
    return text;
}

} // namespace aio::server
