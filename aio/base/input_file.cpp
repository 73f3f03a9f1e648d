#include <aio/base/input_file.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/shortage.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/trust.hpp>
#include <aio/base/way.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace aio::base {

namespace {

using clock = std::chrono::steady_clock;

// Why nothing that ends can be read from it; empty: it can.
std::string unreadable(const struct stat& found) {
    if (S_ISDIR(found.st_mode))
        return system_reason(EISDIR);
    if (S_ISSOCK(found.st_mode))
        return "it is a socket";
    const bool null = S_ISCHR(found.st_mode) && found.st_rdev == ::makedev(1, 3);
    if (S_ISREG(found.st_mode) || S_ISFIFO(found.st_mode) || null)
        return {};
    return "it is neither a regular file nor a pipe";
}

std::chrono::milliseconds left_until(clock::time_point end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now());
    return std::max(left, std::chrono::milliseconds{0});
}

} // namespace

input_file::input_file(std::string path, pipe_patience patience, provenance how)
    : path_(std::move(path)), patience_(patience), provenance_(how) {
    open();
}

void input_file::open() {
    if (path_.find('\0') != std::string::npos)
        return fail(failure::unreadable, "the name holds a NUL");
    const way there = follow(path_, {}, last_link::follow, provenance_.named);
    if (provenance_.searched && there.stranger)
        return fail(failure::planted, *there.stranger);
    if (there.planted.empty() && (there.error != 0 || !there.exists)) {
        const int error = there.error != 0 ? there.error : ENOENT;
        if (error == ENOENT && is_removed(there.folder))
            return fail(failure::unreadable, "its folder has been removed");
        return fail(error);
    }
    // Looked at before it is opened: opening a device can already do something.
    if (std::string why = unreadable(there.found); there.exists && !why.empty())
        return fail(failure::unreadable, std::move(why));
    if (there.distrust)
        return fail(failure::distrusted, "root does not act on it, because " + *there.distrust);
    struct stat found{};
    file_.reset(there.open(O_RDONLY | O_NOCTTY | O_NONBLOCK));
    if (!file_ || ::fstat(file_.get(), &found) != 0)
        return fail(errno);
    if (const auto why = there.stranger_of(found); why && provenance_.searched)
        return fail(failure::planted, *why);
    if (std::string why = unreadable(found); !why.empty())
        return fail(failure::unreadable, std::move(why));
    // A pipe that the process has open was given to it: "generate | sudo aio -c /dev/stdin".
    const bool given = there.own_descriptor && S_ISFIFO(found.st_mode);
    if (const auto why = given ? std::nullopt : distrust(file_))
        return fail(failure::distrusted, "root does not act on a file that " + *why);
    pipe_ = S_ISFIFO(found.st_mode);
    device_ = found.st_dev;
    inode_ = found.st_ino;
    size_ = static_cast<std::size_t>(std::max<off_t>(found.st_size, 0));
}

void input_file::fail(failure kind, std::string why) {
    failed_ = kind;
    error_ = std::move(why);
    file_.reset();
}

void input_file::fail(int error) {
    fail(is_shortage(error) ? failure::exhausted : failure::unreadable, system_reason(error));
}

// False: it was waited for too long. `written`: somebody has the pipe open for writing.
bool input_file::wait_for_data(clock::time_point end, bool written) {
    const auto patience = std::min(left_until(end), written ? patience_.silence : patience_.writer);
    const clock::time_point until = clock::now() + patience;
    pollfd waits{file_.get(), POLLIN, 0};
    for (;;) {
        const int n = ::poll(&waits, 1, static_cast<int>(left_until(until).count()));
        if (n > 0)
            return true;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            fail(errno);
            return false;
        }
        fail(
            failure::unreadable,
            written ? "it is a pipe whose writer keeps silent"
                    : "it is a pipe that nobody writes to"
        );
        return false;
    }
}

std::optional<std::string> input_file::read(std::size_t limit) {
    const clock::time_point end = clock::now() + patience_.whole;
    std::string out;
    out.reserve(std::min(size_, limit) + 1);
    std::array<char, 65536> chunk;
    bool written = false;
    for (;;) {
        const ssize_t n = ::read(file_.get(), chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            written = true;
            if (!wait_for_data(end, written))
                return std::nullopt;
        } else if (n < 0) {
            fail(errno);
            return std::nullopt;
        } else if (n == 0) {
            // A pipe that nobody has opened for writing so far looks like one at its end.
            if (!pipe_ || written || !out.empty())
                return out;
            pollfd ended{file_.get(), POLLIN, 0};
            if (::poll(&ended, 1, 0) > 0 && (ended.revents & POLLHUP))
                return out;
            if (!wait_for_data(end, written))
                return std::nullopt;
            written = true;
        } else {
            out.append(chunk.data(), static_cast<std::size_t>(n));
            if (out.size() > limit) {
                fail(failure::unreadable, fmt::format("it is larger than {} MiB", limit >> 20));
                return std::nullopt;
            }
        }
    }
}

} // namespace aio::base
