#include <aio/base/error_words.hpp>
#include <aio/base/write_text.hpp>
#include <aio/log/descriptor.hpp>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <optional>
#include <utility>

namespace aio::log {

namespace {

// Standard output without a reader may end a command, as it ends other programs. Another log must
// not: what is said there is not what the command is for.
bool must_not_end_the_process(int fd) noexcept {
    struct sigaction now{};
    return fd != STDOUT_FILENO && ::sigaction(SIGPIPE, nullptr, &now) == 0 &&
           now.sa_handler == SIG_DFL;
}

} // namespace

descriptor::written descriptor::write_all(std::string_view text) noexcept {
    written done;
    while (done.bytes < text.size()) {
        const auto count = ::write(fd_, text.data() + done.bytes, text.size() - done.bytes);
        if (count >= 0) {
            done.bytes += static_cast<std::size_t>(count);
            waits_.taken();
            continue;
        }
        if (errno == EINTR)
            continue;
        done.error = errno;
        if (done.error != EAGAIN || !wait_for_room())
            break;
        done.error = 0;
    }
    return done;
}

// The descriptor is a FIFO, or another process has made it non-blocking.
bool descriptor::wait_for_room() noexcept {
    const auto begun = wait_budget::clock::now();
    pollfd ready{fd_, POLLOUT, 0};
    const int found = ::poll(&ready, 1, static_cast<int>(waits_.left(begun).count()));
    const auto now = wait_budget::clock::now();
    waits_.spend(now, now - begun, found == 1);
    return found == 1;
}

descriptor::descriptor(base::descriptor file, mode how, std::string name, output_services& services)
    : owned_(std::move(file)), fd_(owned_.get()), name_(std::move(name)), with_(services),
      quiet_(must_not_end_the_process(fd_)) {
    set_mode(how);
}

descriptor::descriptor(int borrowed, std::string name, output_services& services)
    : fd_(borrowed), name_(std::move(name)), with_(services),
      quiet_(must_not_end_the_process(borrowed)) {}

descriptor::~descriptor() {
    flush();
    with_.unwritten.remove(waiting_);
    with_.lost.left(name_);
}

void descriptor::set_mode(mode how) noexcept {
    if (how == mode::collected && !listed_)
        listed_ = with_.unwritten.add(waiting_);
    mode_ = listed_ ? how : mode::direct;
    waiting_.send_to(fd_);
}

void descriptor::append(std::string_view line) noexcept {
    if (mode_ == mode::collected && !with_.writes_at_once.load(std::memory_order_relaxed)) {
        if (waiting_.append(line))
            return;
        flush();
        if (waiting_.append(line))
            return;
    }
    flush();
    try {
        if (const int error = write_line(line))
            with_.lost.lost(name_, error, 1);
    } catch (const std::exception& e) {
        with_.lost.lost(name_, base::words_of(e), 1);
    }
}

int descriptor::append_now(std::string_view line) noexcept {
    try {
        return write_line(line);
    } catch (const std::exception&) {
        return ENOMEM;
    }
}

int descriptor::write_line(std::string_view line) {
    line_.assign(line).append(1, '\n');
    const int error = write(line_).error;
    if (line_.capacity() > line_buffer::capacity)
        std::string().swap(line_);
    return error;
}

void descriptor::flush() noexcept {
    if (waiting_.empty())
        return;
    const std::string_view text = waiting_.text();
    if (const written done = write(text); done.error != 0) {
        const auto kept = std::ranges::count(text.substr(0, done.bytes), '\n');
        const std::uint64_t lost = waiting_.lines() - static_cast<std::uint64_t>(kept);
        with_.lost.lost(name_, done.error, std::max<std::uint64_t>(lost, 1));
    }
    waiting_.clear();
}

std::string descriptor::take_unwritten() {
    std::string text(waiting_.text());
    waiting_.clear();
    return text;
}

descriptor::written descriptor::write(std::string_view text) noexcept {
    std::optional<base::no_pipe_signal> quiet;
    if (quiet_)
        quiet.emplace();
    std::atomic<bool>& torn = state().torn;
    if (torn.load(std::memory_order_relaxed))
        torn = write_all("\n").bytes == 0;
    const written done = write_all(text);
    if (done.error == 0)
        with_.lost.taken(name_);
    if (done.error != 0 && done.bytes > 0 && text[done.bytes - 1] != '\n')
        torn = true;
    return done;
}

void descriptor::replace(
    base::descriptor file, mode how, std::shared_ptr<shared_file> fresh
) noexcept {
    fd_ = file.get();
    set_mode(how);
    owned_ = std::move(file);
    const std::shared_ptr<shared_file> before = std::exchange(state_, std::move(fresh));
    own_.torn = false;
    own_.began = shared_file::not_known;
    seen_ = state().replaced.load(std::memory_order_relaxed);
    if (state_) // another thread may have opened the next file since this one was opened
        --seen_;
    if (before && before != state_)
        before->replaced.fetch_add(1, std::memory_order_release);
    if (mode_ == mode::direct)
        flush();
}

bool descriptor::replaced_by_another() noexcept {
    const std::uint64_t now = state().replaced.load(std::memory_order_acquire);
    return std::exchange(seen_, now) != now;
}

std::optional<std::time_t> descriptor::began() noexcept {
    const std::time_t known = state().began;
    return known == shared_file::not_known ? std::nullopt : std::optional(known);
}

void descriptor::change(mode how) noexcept {
    flush();
    set_mode(how);
}

std::uint64_t descriptor::size() noexcept {
    if (waiting_.empty())
        measure();
    return size_ + waiting_.size();
}

void descriptor::measure() noexcept {
    struct stat now{};
    size_ = ::fstat(fd_, &now) == 0 && S_ISREG(now.st_mode)
                ? static_cast<std::uint64_t>(now.st_size)
                : 0;
}

} // namespace aio::log
