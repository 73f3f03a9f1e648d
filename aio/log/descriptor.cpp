#include <aio/log/descriptor.hpp>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

namespace aio::log {

namespace {

// How long to wait for a descriptor that another process has made non-blocking.
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

descriptor::descriptor(base::descriptor file, mode how, std::string name, output_services& services)
    : owned_(std::move(file)), fd_(owned_.get()), name_(std::move(name)), with_(services) {
    set_mode(how);
    measure();
}

descriptor::descriptor(int borrowed, std::string name, output_services& services)
    : fd_(borrowed), name_(std::move(name)), with_(services) {}

descriptor::~descriptor() {
    flush();
    with_.unwritten.remove(waiting_);
}

void descriptor::set_mode(mode how) noexcept {
    if (how == mode::collected && !listed_)
        listed_ = with_.unwritten.add(waiting_);
    mode_ = listed_ ? how : mode::direct;
    waiting_.send_to(fd_);
}

void descriptor::append(std::string_view line) noexcept {
    if (mode_ == mode::collected) {
        if (waiting_.append(line))
            return;
        flush();
        if (waiting_.append(line))
            return;
    }
    try {
        line_.assign(line).append(1, '\n');
        write(line_, 1);
        if (line_.capacity() > line_buffer::capacity)
            std::string().swap(line_);
    } catch (const std::exception& e) {
        with_.lost.lost(name_, e.what(), 1);
    }
}

void descriptor::flush() noexcept {
    if (waiting_.empty())
        return;
    write(waiting_.text(), waiting_.lines());
    waiting_.clear();
}

void descriptor::write(std::string_view text, std::uint64_t records) noexcept {
    if (torn_)
        torn_ = write_all(fd_, "\n").bytes == 0;
    const written done = write_all(fd_, text);
    size_ += done.bytes;
    if (done.error != 0) {
        const std::string_view ended = text.substr(0, done.bytes);
        const auto kept = static_cast<std::uint64_t>(std::ranges::count(ended, '\n'));
        torn_ = torn_ || (!ended.empty() && ended.back() != '\n');
        with_.lost.lost(name_, done.error, records - std::min(kept, records - 1));
    }
}

void descriptor::replace(base::descriptor file, mode how) noexcept {
    flush();
    fd_ = file.get();
    set_mode(how);
    owned_ = std::move(file);
    torn_ = false;
    measure();
}

void descriptor::measure() noexcept {
    struct stat now{};
    size_ = ::fstat(fd_, &now) == 0 && S_ISREG(now.st_mode)
                ? static_cast<std::uint64_t>(now.st_size)
                : 0;
}

} // namespace aio::log
