#include <aio/net/bind.hpp>
#include <aio/net/listener.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace aio::net {

listener::~listener() = default;

void socket_listener::listen(const std::string& name, int backlog) {
    net::listen(name, bound_, backlog);
}

void socket_listener::watch(poller& on, net::watch& user, watchers who) {
    on.add(bound_.get(), user, who == watchers::all_loops ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN);
}

void socket_listener::forget(poller& on, net::watch&) noexcept {
    on.remove(bound_.get());
}

accepted socket_listener::accept(poller&) noexcept {
    accepted made;
    ::socklen_t size = address::capacity;
    made.at.reset(::accept4(bound_.get(), made.peer.raw(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (made.at)
        made.peer.size(size);
    else
        made.error = errno;
    return made;
}

} // namespace aio::net
