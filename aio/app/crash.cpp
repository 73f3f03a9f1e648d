#include <aio/app/crash.hpp>
#include <aio/app/stack_text.hpp>
#include <aio/base/visible.hpp>
#include <aio/base/write_text.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

namespace aio::app {

const char* name_of_fatal(int signal) noexcept {
    switch (signal) {
    case SIGSEGV:
        return "SIGSEGV (Segmentation fault)";
    case SIGBUS:
        return "SIGBUS (Bus error)";
    case SIGFPE:
        return "SIGFPE (Floating point exception)";
    case SIGILL:
        return "SIGILL (Illegal instruction)";
    case SIGABRT:
        return "SIGABRT (Aborted)";
    default:
        return "signal";
    }
}

namespace {

std::string cause(const crash& crash) {
    if (!crash.sent)
        return fmt::format(" at address {}", crash.address);
    return crash.sender == ::getpid() ? "" : fmt::format(", sent by process {}", crash.sender);
}

// Beyond this line: what a signal handler may do. No allocation, no lock, no C library but system
// calls.

/// Text on its way to a descriptor.
class plain_writer {
  public:
    explicit plain_writer(int fd) noexcept : fd_(fd) {}

    plain_writer(const plain_writer&) = delete;
    plain_writer& operator=(const plain_writer&) = delete;

    ~plain_writer() { flush(); }

    plain_writer& operator<<(std::string_view text) noexcept {
        for (const char each : text) {
            if (used_ == buffer_.size())
                flush();
            buffer_[used_++] = each;
        }
        return *this;
    }

    plain_writer& number(std::uintptr_t value, int base = 10) noexcept {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
        if (base == 16)
            *this << "0x";
        return *this << std::string_view(digits.data(), end.ptr);
    }

    /// A pipe without a reader must not keep the process alive.
    void flush() noexcept {
        std::ignore = base::write_text(fd_, {buffer_.data(), used_}, patience);
        used_ = 0;
    }

  private:
    static constexpr std::chrono::milliseconds patience{100};

    int fd_;
    std::array<char, 512> buffer_{};
    std::size_t used_ = 0;
};

/// The lines of a file, one after the other.
class plain_lines {
  public:
    explicit plain_lines(const char* path) noexcept : fd_(::open(path, O_RDONLY | O_CLOEXEC)) {}

    plain_lines(const plain_lines&) = delete;
    plain_lines& operator=(const plain_lines&) = delete;

    ~plain_lines() {
        if (fd_ >= 0)
            ::close(fd_);
    }

    /// False at the end. A line that is too long is cut.
    bool next(std::string_view& line) noexcept {
        used_ = 0;
        for (char each = 0; get(each);) {
            if (each == '\n') {
                line = {line_.data(), used_};
                return true;
            }
            if (used_ < line_.size())
                line_[used_++] = each;
        }
        return false;
    }

  private:
    bool get(char& out) noexcept {
        if (at_ == end_) {
            const ssize_t n = fd_ < 0 ? 0 : ::read(fd_, buffer_.data(), buffer_.size());
            if (n <= 0)
                return false;
            at_ = 0;
            end_ = static_cast<std::size_t>(n);
        }
        out = buffer_[at_++];
        return true;
    }

    int fd_;
    std::array<char, 1024> buffer_{};
    std::array<char, 512> line_{};
    std::size_t at_ = 0, end_ = 0, used_ = 0;
};

/// "7f00-7f10 r-xp 0000 08:01 42   /usr/lib/libx.so", a line of /proc/self/maps.
struct mapping {
    std::uintptr_t begin = 0, end = 0;
    std::string_view path;
};

std::optional<mapping> parse_mapping(std::string_view line) noexcept {
    mapping made;
    const char* const last = line.data() + line.size();
    auto got = std::from_chars(line.data(), last, made.begin, 16);
    if (got.ec != std::errc{} || got.ptr == last || *got.ptr != '-')
        return std::nullopt;
    got = std::from_chars(got.ptr + 1, last, made.end, 16);
    if (got.ec != std::errc{})
        return std::nullopt;
    if (const auto slash = line.find('/'); slash != line.npos)
        made.path = line.substr(slash);
    return made;
}

/// "FILE+0x12", as the linker counts, or the address alone.
void write_frame(plain_writer& writer, std::uintptr_t address) noexcept {
    plain_lines maps("/proc/self/maps");
    std::array<char, 512> path;
    std::size_t length = 0;
    std::uintptr_t base = 0; // where the last mapped file begins
    std::string_view line;
    while (maps.next(line)) {
        const auto here = parse_mapping(line);
        if (!here)
            continue;
        if (here->path != std::string_view(path.data(), length)) {
            base = here->begin;
            length = std::min(here->path.size(), path.size());
            std::copy_n(here->path.data(), length, path.data());
        }
        if (address < here->begin || address >= here->end)
            continue;
        if (length == 0)
            break;
        writer << std::string_view(path.data(), length) << "+";
        writer.number(address - base, 16);
        return;
    }
    writer.number(address, 16);
}

} // namespace

std::string crash_text(const crash& crash) {
    std::vector<frame> frames;
    for (int i = crash.first_frame; i < crash.frame_count; ++i)
        frames.push_back(find_frame(crash.frames[static_cast<std::size_t>(i)]));
    const std::string text = fmt::format(
        "aio: {}{}\naio: in {}\n{}",
        name_of_fatal(crash.signal),
        cause(crash),
        crash.where.text(),
        stack_text(frames)
    );
    return base::visible(text);
}

void write_crash_plainly(int fd, const crash& crash) noexcept {
    plain_writer writer(fd);
    writer << "aio: " << name_of_fatal(crash.signal);
    if (!crash.sent)
        (writer << " at address ").number(reinterpret_cast<std::uintptr_t>(crash.address), 16);
    else if (crash.sender != ::getpid())
        (writer << ", sent by process ").number(static_cast<std::uintptr_t>(crash.sender));
    const thread_place& where = crash.where;
    (writer << "\naio: in thread ").number(static_cast<std::uintptr_t>(where.thread));
    writer << " (" << where.name.data() << "), ";
    if (where.loop)
        writer << "loop " << where.loop->name();
    else
        writer << "which runs no loop";
    if (where.task && !where.task->owner.empty())
        writer << ", at work for " << where.task->owner << ": " << where.task->name;
    writer << "\n";
    writer.flush(); // so that this is printed even if the rest fails
    for (int i = crash.first_frame; i < crash.frame_count; ++i) {
        writer << "    ";
        write_frame(
            writer, reinterpret_cast<std::uintptr_t>(crash.frames[static_cast<std::size_t>(i)])
        );
        writer << "\n";
    }
}

} // namespace aio::app
