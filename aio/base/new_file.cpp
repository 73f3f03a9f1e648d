#include <aio/base/descriptor.hpp>
#include <aio/base/new_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace aio::base {

bool write_all(int file, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t n = ::write(file, text.data(), text.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string write_new_file(const std::filesystem::path& path, std::string_view text) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    const descriptor file{::open(path.c_str(), flags, 0666)};
    if (!file)
        return std::generic_category().message(errno);
    if (write_all(file.get(), text))
        return {};
    const int error = errno;
    ::unlink(path.c_str());
    return std::generic_category().message(error);
}

} // namespace aio::base
