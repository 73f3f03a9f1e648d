#include <aio/base/descriptor.hpp>
#include <aio/base/new_file.hpp>
#include <aio/base/system_reason.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace aio::base {

bool write_all(int file, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t n = ::write(file, text.data(), text.size());
        if (n < 0 && errno == EAGAIN) {
            pollfd ready{file, POLLOUT, 0};
            ::poll(&ready, 1, -1);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string write_new_file(int folder, const std::string& name, std::string_view text) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC; // O_EXCL follows no link
    const descriptor file{::openat(folder, name.c_str(), flags, 0666)};
    if (!file)
        return system_reason(errno);
    if (write_all(file.get(), text))
        return {};
    const int error = errno;
    ::unlinkat(folder, name.c_str(), 0);
    return system_reason(error);
}

} // namespace aio::base
