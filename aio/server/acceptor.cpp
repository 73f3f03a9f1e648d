#include <aio/server/acceptor.hpp>
#include <aio/server/lane.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <system_error>

namespace aio::server {

acceptor::~acceptor() {
    stop();
}

void acceptor::start() {
    lane_.on().add(fd_, *this, shared_ ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN);
    running_ = watched_ = true;
}

void acceptor::stop() noexcept {
    running_ = false;
    lane_.home().remove_timer(*this);
    pause();
}

void acceptor::pause() noexcept {
    if (!watched_)
        return;
    watched_ = false;
    lane_.on().remove(fd_, true);
}

void acceptor::resume() noexcept {
    if (!running_ || watched_)
        return;
    lane_.home().remove_timer(*this);
    try {
        start();
    } catch (const std::system_error&) {
        // The kernel is short of memory for the registration, too.
        lane_.home().add_timer(
            *this, async::later(lane_.home().now(), accept_policy::longest_pause)
        );
    }
}

void acceptor::room() noexcept {
    resume();
}

void acceptor::ready(std::uint32_t) {
    serving& shared = lane_.shared();
    if (!shared.enter()) {
        shared.crowded = true;
        pause();
        // One may have ended between the two.
        if (shared.connections < shared.most && shared.crowded.exchange(false))
            resume();
        return;
    }
    net::address peer;
    ::socklen_t size = net::address::capacity;
    const int fd = ::accept4(fd_, peer.raw(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        const int number = errno;
        shared.leave();
        return failed(number);
    }
    peer.size(size);
    if (const std::size_t ended = policy_.succeeded())
        shared.log.info("Server({}) accepts again, after {} failures", shared.label, ended);
    lane_.accepted(fd, peer);
}

void acceptor::failed(int number) {
    const accept_decision what = policy_.failed(number);
    const std::error_code why(number, std::system_category());
    serving& shared = lane_.shared();
    if (what.action == accept_action::back_off) {
        complain(why);
        pause();
        lane_.home().add_timer(*this, async::later(lane_.home().now(), what.pause));
    } else if (what.action == accept_action::give_up) {
        stop();
        shared.given.app().crashed(
            shared.section, std::make_exception_ptr(std::system_error(why, "accept"))
        );
    }
}

void acceptor::complain(const std::error_code& why) {
    serving& shared = lane_.shared();
    const auto silent = shared.trouble(lane_.home().now());
    if (!silent)
        return;
    policy_.told();
    shared.log.warning(
        "Server({}) cannot accept: {}{}",
        shared.label,
        why.message(),
        base::once_a_minute::unmentioned(*silent)
    );
}

} // namespace aio::server
