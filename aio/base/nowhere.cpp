#include <aio/base/nowhere.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace aio::base {

namespace {

enum class end { read, write };

// The other end is closed.
descriptor end_of_pipe(end kept) noexcept {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return {};
    descriptor read(ends[0]), write(ends[1]);
    return std::move(kept == end::read ? read : write);
}

descriptor open_null(int flags, end instead) noexcept {
    descriptor opened(::open("/dev/null", flags | O_CLOEXEC));
    return opened ? std::move(opened) : end_of_pipe(instead);
}

} // namespace

descriptor no_input() noexcept {
    return open_null(O_RDONLY, end::read);
}

descriptor no_output() noexcept {
    return open_null(O_WRONLY, end::write);
}

} // namespace aio::base
