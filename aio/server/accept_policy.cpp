#include <aio/server/accept_policy.hpp>

#include <cerrno>

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

namespace {

accept_decision back_off(base::duration pause) noexcept {
    accept_decision made;
    made.action = accept_action::back_off;
    made.pause = pause;
    return made;
}

} // namespace

accept_decision accept_policy::failed(int number) noexcept {
    accept_decision made;
    switch (classify(number)) {
    case accept_error::nothing_there:
        failures_.idle();
        break;
    case accept_error::one_connection:
        if (const auto pause = failures_.single())
            return back_off(*pause);
        break;
    case accept_error::shortage:
    case accept_error::refused:
        return back_off(failures_.lasting());
    case accept_error::broken:
        made.action = accept_action::give_up;
        break;
    }
    return made;
}

std::size_t accept_policy::succeeded() noexcept {
    return failures_.succeeded();
}

} // namespace aio::server
