#include <aio/server/accept_policy.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace aio::server {

accept_error classify(int number) noexcept {
    switch (number) {
    case EAGAIN:
#if EWOULDBLOCK != EAGAIN
    case EWOULDBLOCK:
#endif
        return accept_error::nothing_there;
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ETIMEDOUT:
    case ECONNRESET:
    case EOPNOTSUPP: // of the new connection: the socket itself is a stream socket
    case ESOCKTNOSUPPORT:
    case EPROTONOSUPPORT:
        return accept_error::one_connection;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSR:
        return accept_error::shortage;
    case EBADF:
    case ENOTSOCK:
    case EINVAL:
    case EFAULT:
        return accept_error::broken;
    default: // EACCES, EPERM, ENOSYS: a firewall, a security module, a filter of system calls
        return accept_error::refused;
    }
}

accept_decision accept_policy::failed(int number) noexcept {
    accept_decision made;
    switch (classify(number)) {
    case accept_error::nothing_there:
        failed_connections_ = 0;
        return made;
    case accept_error::one_connection:
        return ++failed_connections_ < failing_connections ? made : back_off();
    case accept_error::shortage:
    case accept_error::refused:
        return back_off();
    case accept_error::broken:
        made.action = accept_action::give_up;
        return made;
    }
    return back_off();
}

accept_decision accept_policy::back_off() noexcept {
    accept_decision made;
    made.action = accept_action::back_off;
    made.pause = next_;
    next_ = std::min(next_ * 2, longest_pause);
    ++failures_;
    return made;
}

std::size_t accept_policy::succeeded() noexcept {
    next_ = first_pause;
    failed_connections_ = 0;
    const std::size_t ended = std::exchange(failures_, 0);
    return std::exchange(told_, false) ? ended : 0;
}

} // namespace aio::server
