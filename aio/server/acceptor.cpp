#include <aio/base/descriptor.hpp>
#include <aio/server/acceptor.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/system_cause.hpp>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <limits>
#include <system_error>
#include <utility>

namespace aio::server {

namespace {

/// The system gives the lowest number that is free, so a number tells how many are left.
int first_reserved(const service::descriptor_use& use) noexcept {
    ::rlimit files{};
    constexpr auto most = static_cast<::rlim_t>(std::numeric_limits<int>::max());
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > most)
        return std::numeric_limits<int>::max();
    return static_cast<int>(files.rlim_cur - reserved_descriptors(files.rlim_cur, use));
}

} // namespace

acceptor::acceptor(lane& owner, int fd, bool shared)
    : lane_(owner), fd_(fd), shared_(shared),
      first_reserved_(first_reserved(owner.shared().shared_context.app().descriptors())) {}

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
        lane_.on().remove(fd_);
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
        if (lane_.shared().tell_trouble(lane_.home().now(), "accept", failure.what()))
            policy_.told();
        resume_after(net::failure_run::longest_pause);
    }
}

void acceptor::resume_after(base::duration pause) noexcept {
    lane_.home().add_timer(*this, async::later(lane_.home().now(), pause));
}

void acceptor::ready(std::uint32_t) {
    if (!lane_.take_place())
        return watch_no_more(state::full);
    if (!may_accept())
        return failed(EMFILE);
    net::address peer;
    ::socklen_t size = net::address::capacity;
    base::descriptor connected(::accept4(fd_, peer.raw(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!connected)
        return failed(errno);
    peer.size(size);
    if (connected.get() >= first_reserved_)
        act(policy_.took_reserved(), EMFILE);
    else if (const std::size_t ended = policy_.succeeded())
        lane_.shared().tell_recovered("accepts", ended);
    lane_.accepted(connected.release(), peer); // may end this object
}

bool acceptor::may_accept() const noexcept {
    if (!policy_.spares_reserved())
        return true;
    const base::descriptor next(::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
    return next.get() >= 0 && next.get() < first_reserved_;
}

void acceptor::failed(int number) {
    lane_.give_back_place();
    act(policy_.failed(number), number);
}

void acceptor::act(accept_decision decision, int number) {
    serving& shared = lane_.shared();
    if (decision.action == accept_action::back_off) {
        if (shared.tell_trouble(lane_.home().now(), "accept", cause_of(number)))
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
