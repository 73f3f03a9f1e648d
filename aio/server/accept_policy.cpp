#include <aio/server/accept_policy.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace aio::server {

namespace {

bool out_of_something(int number) noexcept {
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

bool broken(int number) noexcept {
    return number == EBADF || number == ENOTSOCK || number == EINVAL || number == EFAULT;
}

} // namespace

accept_decision accept_policy::failed(int number) noexcept {
    accept_decision made;
    if (broken(number)) {
        made.action = accept_action::give_up;
    } else if (out_of_something(number)) {
        made.action = accept_action::back_off;
        made.pause = next_;
        ++failures_;
        next_ = std::min(next_ * 2, longest_pause);
    }
    // All else is about one connection: aborted before we came, refused by a firewall.
    return made;
}

std::size_t accept_policy::succeeded() noexcept {
    next_ = first_pause;
    const std::size_t ended = std::exchange(failures_, 0);
    return std::exchange(told_, false) ? ended : 0;
}

} // namespace aio::server
