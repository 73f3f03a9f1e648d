#include <aio/server/acceptor.hpp>
#include <aio/server/lane.hpp>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

namespace aio::server {

namespace {

/// The log text for a failed accept.
std::string cause_of(int number) {
    const std::string text = std::error_code(number, std::system_category()).message();
    ::rlimit files{};
    if (number == EMFILE && ::getrlimit(RLIMIT_NOFILE, &files) == 0)
        return fmt::format("{} (this process may have {}, see ulimit -n)", text, files.rlim_cur);
    if (classify(number) == accept_error::refused)
        return text + " (a firewall, a security module or a filter of system calls)";
    return text;
}

} // namespace

acceptor::~acceptor() {
    stop();
}

void acceptor::start() {
    lane_.on().add(fd_, *this, shared_ ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN);
    state_ = state::accepting;
}

void acceptor::stop() noexcept {
    lane_.home().remove_timer(*this);
    watch_no_more(state::stopped);
}

void acceptor::watch_no_more(state next) noexcept {
    if (std::exchange(state_, next) == state::accepting)
        lane_.on().remove(fd_, true);
}

void acceptor::place_is_free() noexcept {
    if (state_ == state::full)
        resume();
}

void acceptor::connection_has_ended() noexcept {
    if (pausing())
        resume();
}

void acceptor::resume() noexcept {
    lane_.home().remove_timer(*this);
    try {
        start();
    } catch (const std::exception& failure) {
        if (lane_.shared().tell_trouble(lane_.home().now(), failure.what()))
            policy_.told();
        resume_after(accept_policy::longest_pause);
    }
}

void acceptor::resume_after(base::duration pause) noexcept {
    lane_.home().add_timer(*this, async::later(lane_.home().now(), pause));
}

void acceptor::ready(std::uint32_t) {
    if (!lane_.take_place())
        return watch_no_more(state::full);
    net::address peer;
    ::socklen_t size = net::address::capacity;
    const int fd = ::accept4(fd_, peer.raw(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return failed(errno);
    peer.size(size);
    serving& shared = lane_.shared();
    if (const std::size_t ended = policy_.succeeded())
        shared.log.info("Server({}) accepts again, after {} failures", shared.label, ended);
    lane_.accepted(fd, peer);
}

void acceptor::failed(int number) {
    lane_.give_back_place();
    const accept_decision decision = policy_.failed(number);
    serving& shared = lane_.shared();
    if (decision.action == accept_action::back_off) {
        if (shared.tell_trouble(lane_.home().now(), cause_of(number)))
            policy_.told();
        watch_no_more(state::backing_off);
        resume_after(decision.pause);
    } else if (decision.action == accept_action::give_up) {
        stop();
        const std::error_code why(number, std::system_category());
        shared.shared_context.app().crashed(
            shared.section, std::make_exception_ptr(std::system_error(why, "accept"))
        );
    }
}

} // namespace aio::server
