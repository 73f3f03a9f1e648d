#include <aio/base/capability.hpp>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace aio::base {

bool has_capability(unsigned number) noexcept {
    __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
    return ::syscall(SYS_capget, &head, sets) == 0 &&
           (sets[number / 32].effective & 1U << number % 32) != 0;
}

} // namespace aio::base
