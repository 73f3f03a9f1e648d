#include <aio/log/turn_lock.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <tuple>

namespace aio::log {

namespace {

/// Of the whole file.
struct flock lock_of(short type) noexcept {
    struct flock made{};
    made.l_type = type;
    made.l_whence = SEEK_SET;
    return made;
}

bool is_read_locked(int file) noexcept {
    struct flock other = lock_of(F_WRLCK);
    return ::fcntl(file, F_OFD_GETLK, &other) == 0 && other.l_type == F_RDLCK;
}

} // namespace

turn_lock::turn_lock(int file) noexcept : file_(file), state_(take(file)) {}

turn_lock::~turn_lock() {
    if (state_ == state::held)
        release(file_);
}

void turn_lock::release(int file) noexcept {
    struct flock none = lock_of(F_UNLCK);
    std::ignore = ::fcntl(file, F_OFD_SETLK, &none);
}

turn_lock::state turn_lock::take(int file) noexcept {
    struct flock wanted = lock_of(F_WRLCK);
    if (::fcntl(file, F_OFD_SETLK, &wanted) == 0)
        return state::held;
    if (errno != EAGAIN && errno != EACCES)
        return state::without;
    return is_read_locked(file) ? state::without : state::busy;
}

void turn_lock::ended() noexcept {
    state_ = state::without;
}

} // namespace aio::log
