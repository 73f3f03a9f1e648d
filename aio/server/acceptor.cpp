#include <aio/base/error_words.hpp>
#include <aio/server/acceptor.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/system_cause.hpp>

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

namespace aio::server {

acceptor::acceptor(lane& owner, std::shared_ptr<net::listener> from, watchers all)
    : lane_(owner), from_(std::move(from)), all_(all) {
    lane_.home().keep_room(*this);
}

acceptor::~acceptor() {
    stop();
    lane_.home().release_timer(*this);
}

void acceptor::start() {
    from_->watch(lane_.on(), *this, all_);
    state_ = state::accepting;
}

void acceptor::stop() noexcept {
    watch_no_more(state::stopped);
}

void acceptor::watch_no_more(state next) noexcept {
    lane_.home().remove_timer(*this);
    if (std::exchange(state_, next) == state::accepting)
        from_->forget(lane_.on(), *this);
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
        if (policy_.failures() != 0)
            resume_after(net::failure_run::longest_pause);
    } catch (const std::exception& failure) {
        resume_after(policy_.cannot_watch());
        tell_watch_failed(failure);
    }
}

void acceptor::tell_watch_failed(const std::exception& failure) noexcept {
    try {
        tell_trouble(base::words_of(failure));
    } catch (const std::exception&) { // no memory for the text
    }
}

void acceptor::fire() {
    if (state_ == state::accepting)
        tell_quiet();
    else
        resume();
}

void acceptor::resume_after(base::duration pause) noexcept {
    lane_.home().add_timer(*this, async::later(lane_.home().now(), pause));
}

void acceptor::ready(std::uint32_t) {
    const bool waits = lane_.shared().limits.when_full == full_policy::wait;
    const std::size_t taken = lane_.take_place();
    if (taken == 0)
        return waits ? wait_for_place() : refuse_one();
    if (is_too_early())
        return;
    if (!may_accept(taken))
        return keep_free();
    net::accepted connected = from_->accept(lane_.on());
    if (!connected)
        return failed(connected.error);
    tell_success();
    lane_.accepted(std::move(connected)); // may end this object
}

bool acceptor::is_too_early() noexcept {
    const auto& rate = lane_.shared().accept_rate;
    if (!rate)
        return false;
    const base::duration wait = rate->conforms(lane_.home().now().time_since_epoch());
    if (wait == base::duration(0))
        return false;
    watch_no_more(state::slowed);
    resume_after(wait);
    lane_.give_back_place();
    return true;
}

// The server is full, and the peer hears of it at once.
void acceptor::refuse_one() {
    net::accepted connected = from_->accept(lane_.on());
    if (!connected)
        return act(policy_.failed(connected.error), connected.error);
    lane_.refuse(std::move(connected));
}

// A connection that still waits when the timer fires has the log hear of it.
void acceptor::wait_for_place() noexcept {
    watch_no_more(state::full);
    if (const auto again = lane_.wait_for_place())
        lane_.home().add_timer(*this, *again);
}

void acceptor::tell_trouble(const std::string& cause) {
    const auto place = policy_.told() ? trouble::failure::another : trouble::failure::first;
    lane_.shared().tell_trouble(lane_.home().now(), place, "accept", cause);
}

void acceptor::tell_success() {
    if (policy_.succeeded() == 0)
        return lane_.shared().tell_accepted();
    lane_.home().remove_timer(*this);
    lane_.shared().tell_run_ended(trouble::run_end::success, "accepts");
}

void acceptor::tell_quiet() noexcept {
    if (policy_.quiet() != 0)
        lane_.shared().tell_run_ended(trouble::run_end::quiet, "accepts");
}

// With few descriptors, a server has one client at a time rather than none for ever.
bool acceptor::may_accept(std::size_t taken) const noexcept {
    const serving& shared = lane_.shared();
    return taken == 1 || from_->fd() < 0 ||
           shared.shared_context.app().descriptors().admits(
               from_->fd(), net::connection_kind::accepted, lane_.home().now().time_since_epoch()
           );
}

void acceptor::keep_free() {
    lane_.give_back_place();
    back_off(
        policy_.failed(EMFILE).pause,
        cause_of_reserve(lane_.shared().shared_context.app().descriptors().reserved())
    );
}

void acceptor::failed(int number) {
    lane_.give_back_place();
    act(policy_.failed(number), number);
}

void acceptor::back_off(base::duration pause, const std::string& cause) {
    watch_no_more(state::backing_off);
    resume_after(pause);
    tell_trouble(cause);
}

void acceptor::act(accept_decision decision, int number) {
    serving& shared = lane_.shared();
    if (decision.action == accept_action::back_off) {
        back_off(decision.pause, cause_of(number));
    } else if (decision.action == accept_action::give_up) {
        stop();
        const std::error_code why(number, std::system_category());
        shared.shared_context.app().crashed(
            shared.section, std::make_exception_ptr(std::system_error(why, "accept"))
        );
    }
}

} // namespace aio::server
