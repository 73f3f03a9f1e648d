#include <aio/log/descriptor.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace aio::log {

namespace {

constexpr std::size_t collected_at_most = 64 * 1024;
// A descriptor somebody else made non-blocking gets this long to take what is written.
constexpr int patience_ms = 100;

struct written {
    std::size_t bytes = 0;
    int error = 0;
};

written write_all(int fd, std::string_view text) noexcept {
    written done;
    while (done.bytes < text.size()) {
        const auto count = ::write(fd, text.data() + done.bytes, text.size() - done.bytes);
        if (count >= 0) {
            done.bytes += static_cast<std::size_t>(count);
            continue;
        }
        if (errno == EINTR)
            continue;
        done.error = errno;
        pollfd ready{fd, POLLOUT, 0};
        if (done.error != EAGAIN || ::poll(&ready, 1, patience_ms) != 1)
            break;
        done.error = 0;
    }
    return done;
}

} // namespace

int open_log_file(const std::string& path, bool truncate) {
    const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK |
                      (truncate ? O_TRUNC : 0);
    const int fd = ::open(path.c_str(), flags, 0666);
    if (fd < 0)
        throw std::system_error(errno, std::generic_category(), "cannot open '" + path + "'");
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

descriptor::descriptor(int fd, owner whose, mode how, std::string name, complaints& to)
    : fd_(fd), owner_(whose), mode_(how), name_(std::move(name)), complaints_(to) {
    measure();
}

descriptor::~descriptor() {
    flush();
    if (owner_ == owner::ours)
        ::close(fd_);
}

void descriptor::append(std::string_view line) noexcept {
    try {
        pending_.append(line).append(1, '\n');
        ++records_;
    } catch (const std::exception& e) {
        complaints_.lost(name_, e.what(), 1);
    }
    if (mode_ == mode::direct || pending_.size() >= collected_at_most)
        flush();
}

void descriptor::flush() noexcept {
    if (pending_.empty())
        return;
    if (torn_)
        torn_ = write_all(fd_, "\n").bytes == 0;
    const written done = write_all(fd_, pending_);
    size_ += done.bytes;
    if (done.error != 0) {
        const auto ended = pending_.begin() + static_cast<std::ptrdiff_t>(done.bytes);
        const auto kept = static_cast<std::uint64_t>(std::count(pending_.begin(), ended, '\n'));
        torn_ = torn_ || (done.bytes != 0 && pending_[done.bytes - 1] != '\n');
        complaints_.lost(name_, done.error, records_ - std::min(kept, records_ - 1));
    }
    pending_.clear();
    records_ = 0;
}

void descriptor::replace(int fd) noexcept {
    flush();
    if (owner_ == owner::ours)
        ::close(std::exchange(fd_, fd));
    torn_ = false;
    measure();
}

void descriptor::measure() noexcept {
    struct stat now{};
    size_ = ::fstat(fd_, &now) == 0 ? static_cast<std::uint64_t>(now.st_size) : 0;
}

} // namespace aio::log
