#include <aio/async/aborted.hpp>
#include <aio/async/sleep.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/mistake.hpp>
#include <aio/base/units.hpp>
#include <aio/base/visible.hpp>
#include <aio/client/callback_session.hpp>
#include <aio/client/datagram_session.hpp>
#include <aio/client/link.hpp>
#include <aio/client/stream_session.hpp>
#include <aio/net/connect_datagram.hpp>
#include <aio/net/error.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/wire.hpp>
#include <aio/protocols/handler.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <variant>

namespace aio::client {

namespace {

std::string pause_text(const reconnect_action& next) {
    return base::format(std::chrono::ceil<std::chrono::milliseconds>(next.pause));
}

/// A file for TLS cannot be used.
bool lacks_files(const std::exception_ptr& why) {
    try {
        std::rethrow_exception(why);
    } catch (const std::system_error& e) {
        return e.code() == std::error_code(ENOKEY, std::system_category());
    } catch (...) {
        return false;
    }
}

std::string peer_of(const net::stream& made) {
    return made.peer().text();
}

std::string peer_of(const net::socket& made) {
    return net::peer_address(made.get()).text();
}

bool is_resumed(const net::stream& made) {
    return made.resumed();
}

bool is_resumed(const net::socket&) {
    return false;
}

/// Failures of the network, which need no ERROR.
bool is_of_network(failure why) noexcept {
    return why != failure::other;
}

} // namespace

link::link(shared& all, std::size_t index)
    : all_(all), machine_(all.spec().reconnect), turn_(index % all.spec().targets.size()) {}

const net::target& link::target() const {
    return all_.spec().targets[turn_];
}

std::string link::text() const {
    return "connection to " + target().text();
}

void link::start() {
    was_short_ = false;
    approach(step(reconnect_event::started));
}

void link::stopped() noexcept {
    if (state_ != link_state::up && state_ != link_state::crashed)
        state_ = link_state::stopped;
}

link_view link::view() const noexcept {
    link_view seen{state_, {}, machine_.ends(), last_};
    if (state_ == link_state::waiting)
        seen.left = std::max(until_ - all_.home.now(), base::duration::zero());
    return seen;
}

reconnect_action link::step(reconnect_event what) {
    return machine_.step(what, all_.home.now().time_since_epoch(), all_.chance);
}

void link::approach(reconnect_action next) {
    all_.dials.spawn(
        {[](const void* subject) { return static_cast<const link*>(subject)->text(); }, this},
        come(next)
    );
}

task<void> link::come(reconnect_action next) {
    while (next.what != reconnect_action::kind::serve) {
        switch (next.what) {
        case reconnect_action::kind::crash:
            co_return crash();
        case reconnect_action::kind::wait:
            state_ = link_state::waiting;
            until_ = async::later(all_.home.now(), next.pause);
            co_await async::sleep_until(until_);
            next = step(reconnect_event::waited);
            break;
        default:
            next = co_await attempt();
        }
    }
}

task<reconnect_action> link::attempt() {
    state_ = link_state::connecting;
    all_.counted.attempt();
    const async::time_point begun = all_.home.now();
    net::connect_options how = all_.spec().how;
    how.tell([this](net::dial_stage now) {
        state_ = now == net::dial_stage::resolving  ? link_state::resolving
                 : now == net::dial_stage::securing ? link_state::securing
                                                    : link_state::connecting;
    });
    std::exception_ptr why;
    try {
        if (net::is_datagram(all_.spec().transport))
            co_return connected(co_await net::connect_datagram(target(), std::move(how)), begun);
        co_return connected(co_await net::connect(target(), std::move(how)), begun);
    } catch (...) {
        why = std::current_exception();
    }
    if (async::is_aborted(why))
        std::rethrow_exception(why);
    co_return failed(why);
}

template <typename Connected>
reconnect_action link::connected(Connected made, async::time_point begun) {
    if (all_.ends()) { // since it was connected, in this turn
        state_ = link_state::stopped;
        return {reconnect_action::kind::serve};
    }
    const async::time_point now = all_.home.now();
    all_.counted.connected(now - begun, is_resumed(made));
    peer_ = peer_of(made);
    tell_connected();
    const reconnect_action next = step(reconnect_event::connected);
    state_ = link_state::up;
    up_since_ = now;
    all_.counted.opened();
    all_.emit("client-connected");
    all_.was_connected = true;
    all_.connected();
    std::exception_ptr why;
    try {
        serve(std::move(made));
    } catch (...) { // the connection has been made: this is its end
        why = std::current_exception();
    }
    if (why)
        ended(std::move(why));
    return next;
}

void link::serve(net::stream made) {
    if (std::holds_alternative<protocols::stream_handler>(*all_.plan->protocol))
        serve_by<stream_session>(std::move(made));
    else
        serve_by<callback_session>(std::move(made));
}

void link::serve(net::socket made) {
    auto* session = new datagram_session(
        all_,
        net::poller::of(all_.home),
        std::move(made),
        [this](std::exception_ptr cause) { ended(std::move(cause)); }
    );
    session->begin();
}

template <typename Session>
void link::serve_by(net::stream made) {
    net::poller& on = net::poller::of(all_.home);
    const net::address peer = made.peer();
    auto parts = net::stream_core::take_apart(std::move(made));
    auto* session = new Session(all_, on, parts.at.get(), peer, [this](std::exception_ptr cause) {
        ended(std::move(cause));
    });
    parts.at.release();
    if (parts.over)
        session->plug(std::move(parts.over));
    if (parts.tls)
        session->secure(std::move(parts.tls));
    session->begin(std::move(parts.early));
}

void link::ended(std::exception_ptr why) {
    all_.counted.closed();
    all_.emit("client-lost");
    last_ = failure_of(why);
    if (all_.ends()) {
        state_ = link_state::stopped;
        return tell_stopped(why);
    }
    turn_ = (turn_ + 1) % all_.spec().targets.size();
    if (base::is_mistake(why)) { // each connection would repeat it
        state_ = link_state::crashed;
        return all_.mistaken(std::move(why));
    }
    if (net::is_datagram(all_.spec().transport))
        return ended_for_good(why);
    const reconnect_action next = step(reconnect_event::ended);
    was_short_ = machine_.ends() > 1;
    tell_ended(why, next);
    approach(next);
}

reconnect_action link::failed(const std::exception_ptr& why) {
    last_ = failure_of(why);
    all_.counted.failed(last_);
    why_ = why;
    const reconnect_action next = step(reconnect_event::failed);
    if (!all_.was_connected && lacks_files(why)) // a mistake in the section
        return {reconnect_action::kind::crash};
    tell_failed(why, next);
    turn_ = (turn_ + 1) % all_.spec().targets.size();
    return next;
}

void link::crash() {
    state_ = link_state::crashed;
    all_.crash(std::make_exception_ptr(std::runtime_error(fmt::format(
        "{} attempt{} to connect in a row {} failed, the last: {}",
        machine_.failures(),
        machine_.failures() == 1 ? "" : "s",
        machine_.failures() == 1 ? "has" : "have",
        base::message_of(why_)
    ))));
}

void link::ended_for_good(const std::exception_ptr& why) {
    state_ = link_state::stopped;
    if (why)
        return all_.crash(why); // the protocol was never made
    all_.ended();
}

void link::tell_connected() {
    const auto unmentioned = was_short_ ? all_.told_up.note(all_.home.now().time_since_epoch())
                                        : std::optional(std::uint64_t{0});
    if (!unmentioned)
        return;
    const std::string wanted = target().text();
    all_.log.info(
        "Client({}) {} connected to {}{}{}",
        all_.label,
        all_.spec().protocol,
        wanted,
        peer_.empty() || target().literal() ? "" : fmt::format(" ({})", peer_),
        machine_.failures() == 0
            ? ""
            : fmt::format(
                  ", after {} failure{}", machine_.failures(), machine_.failures() == 1 ? "" : "s"
              )
    );
}

void link::tell_failed(const std::exception_ptr& why, const reconnect_action& next) {
    if (next.what == reconnect_action::kind::crash)
        return; // the crash tells it
    const std::string wanted = target().text() + ": ";
    const std::string reason = base::message_of(why); // most of them name the target
    if (const auto unmentioned = all_.told_failed.note(all_.home.now().time_since_epoch()))
        all_.log.warning(
            "Client({}) cannot connect to {}{}; it tries again in {}{}",
            all_.label,
            reason.starts_with(wanted) ? "" : wanted,
            reason,
            pause_text(next),
            base::once_a_minute::unmentioned(*unmentioned)
        );
}

void link::tell_ended(const std::exception_ptr& why, const reconnect_action& next) {
    const double lasted = std::chrono::duration<double>(all_.home.now() - up_since_).count();
    const bool network = is_of_network(last_);
    if (!network)
        return all_.log.error(
            "Client({}) connection to {} failed after {:.1f} s: {}; it connects again in {}",
            all_.label,
            peer_,
            lasted,
            base::message_of(why),
            pause_text(next)
        );
    const auto unmentioned = was_short_ ? all_.told_ended.note(all_.home.now().time_since_epoch())
                                        : std::optional(std::uint64_t{0});
    if (unmentioned)
        all_.log.log(
            why ? log::level::warning : log::level::info,
            "Client({}) connection to {} {} after {:.1f} s; it connects again in {}{}",
            all_.label,
            peer_,
            why ? "is lost: " + base::message_of(why) + "," : "has ended",
            lasted,
            pause_text(next),
            base::once_a_minute::unmentioned(*unmentioned)
        );
}

// In a stop a connection may break, and a cancelled protocol ends with an error.
void link::tell_stopped(const std::exception_ptr& why) const {
    if (!why)
        return;
    const bool expected = async::is_aborted(why) || is_of_network(last_);
    all_.log.log(
        expected ? log::level::debug : log::level::error,
        "Client({}) connection to {} failed: {}",
        all_.label,
        peer_,
        base::message_of(why)
    );
}

} // namespace aio::client
