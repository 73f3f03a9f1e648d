#include <aio/net/tls_session.hpp>
#include <aio/server/callback_session.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/stream_session.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

namespace aio::server {

lane::~lane() = default;

void lane::start(lane_places from, watchers all) {
    if (state_ != state::idle)
        return;
    state_ = state::accepting;
    on_ = &net::poller::of(home_);
    if (shared_->handshake_places)
        handshakes_.emplace(
            *shared_->handshake_places,
            [](void* lanes) noexcept { static_cast<serving*>(lanes)->wake_lanes(); },
            shared_.get()
        );
    for (const auto& each : from.datagrams)
        serve_datagrams(std::move(*each), std::get<datagram_maker>(shared_->protocol_handler));
    for (auto& each : from.listeners) {
        acceptors_.push_back(std::make_unique<acceptor>(*this, std::move(each), all));
        acceptors_.back()->start();
    }
}

void lane::serve_datagrams(net::socket from, const datagram_maker& make) {
    auto protocol = make(shared_->shared_context);
    auto made = std::make_unique<datagram_session>(*this, *on_, std::move(from));
    made->count(traffic_);
    datagrams_.push_back(made.get());
    self_ = shared_from_this();
    made->begin(std::move(protocol));
    std::ignore = made.release(); // it owns itself from now on
}

std::size_t lane::take_place() noexcept {
    return shared_->places.take();
}

std::optional<async::time_point> lane::wait_for_place() noexcept {
    const auto again = shared_->tell_full(home_.now());
    if (shared_->places.wait())
        shared_->wake_lanes();
    return again;
}

void lane::give_back_place() noexcept {
    if (shared_->places.give_back())
        shared_->wake_lanes();
    if (state_ == state::accepting)
        shared_->tell_left(home_.now());
}

void lane::room() {
    for (const auto& each : acceptors_)
        each->place_is_free();
    if (handshakes_)
        handshakes_->try_again();
}

namespace {

/// Closes the connection so that the peer sees a reset, and nothing lingers.
void reset(net::accepted connected) noexcept {
    if (connected.over)
        return connected.over->close(net::wire::closing::reset);
    const ::linger at_once{.l_onoff = 1, .l_linger = 0};
    std::ignore = ::setsockopt(connected.at.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

} // namespace

std::optional<lane::entrance> lane::admit(net::accepted& connected) {
    const net::address peer = connected.peer;
    const ruling made = shared_->greet(peer, home_.now());
    if (made.what == verdict::go_on)
        return made.next == step::proxy ? entrance::by_header : entrance::counted;
    reset(std::move(connected));
    shared_->refused.note(*made.why, peer, home_.now().time_since_epoch());
    return std::nullopt;
}

void lane::refuse(net::accepted connected) noexcept {
    shared_->refused.note(refusal::full, connected.peer, home_.now().time_since_epoch());
    if (!shared_->speaks_to_refused(connected.peer))
        return;
    try {
        if (const std::string word = shared_->last_word(); !word.empty())
            say(word, std::move(connected));
    } catch (...) { // the user's word may throw anything
        shared_->tell_refusal_failed(home_.now(), std::current_exception());
    }
}

void lane::part_from(net::accepted connected) noexcept {
    try {
        say({}, std::move(connected));
    } catch (const std::exception&) { // its peer may see a reset
    }
}

void lane::say(std::string_view word, net::accepted connected) {
    const bool may_wait =
        farewells_.size() < most_farewells &&
        (connected.over ||
         shared_->shared_context.app().descriptors().admits(
             connected.at.get(), net::connection_kind::accepted, home_.now().time_since_epoch()
         ));
    auto made = std::make_unique<farewell>(*this, *on_, std::move(connected));
    if (made->say(word) && may_wait) {
        made->wait();
        farewells_.push_back(std::move(made));
    }
}

void lane::remove(farewell& member) noexcept {
    std::erase_if(farewells_, [&](const auto& each) { return each.get() == &member; });
}

// From add() on the place belongs to the session, which gives it back when it leaves.
void lane::accepted(net::accepted connected) noexcept {
    const net::address peer = connected.peer;
    const int fd = connected.at.get();
    session* added = nullptr;
    std::optional<entrance> by;
    try {
        by = admit(connected);
        if (!by)
            return give_back_place();
        shared_->accepted.fetch_add(1, std::memory_order_relaxed);
        const auto begin = [&](auto* made) {
            connected.at.release();
            if (connected.over)
                made->plug(std::move(connected.over));
            made->counted_ = by == entrance::counted;
            made->awaits_header_ = by == entrance::by_header;
            add(*made);
            added = made;
            if (shared_->tls)
                made->secure(std::make_unique<net::tls_session>(shared_->tls->get()));
            made->begin();
        };
        if (std::holds_alternative<stream_handler>(shared_->protocol_handler))
            begin(new stream_session(*this, *on_, fd, peer));
        else
            begin(new callback_session(*this, *on_, fd, peer));
    } catch (const std::exception&) {
        shared_->tell_dropped(home_.now(), std::current_exception());
        if (!added) {
            if (by == entrance::counted)
                shared_->left(peer, home_.now());
            give_back_place();
        }
        delete added;
    }
}

void lane::add(session& member) noexcept {
    member.next_ = first_;
    if (first_)
        first_->previous_ = &member;
    first_ = &member;
    if (count_++ == 0)
        self_ = shared_from_this();
}

void lane::remove(session& member) noexcept {
    (member.previous_ ? member.previous_->next_ : first_) = member.next_;
    if (member.next_)
        member.next_->previous_ = member.previous_;
    --count_;
    if (member.counted_ && shared_->clients)
        shared_->left(member.client(), home_.now());
    give_back_place();
    for (const auto& each : acceptors_)
        each->connection_has_ended();
    check_empty();
}

void lane::remove(datagram_session& member) noexcept {
    std::erase(datagrams_, &member);
    check_empty();
}

// The session that leaves still refers to this lane: the last reference goes with the next turn.
void lane::check_empty() noexcept {
    if (count_ != 0 || !datagrams_.empty())
        return;
    if (self_)
        last_.request(home_, std::move(self_));
    if (state_ == state::stopping && !told_empty_) {
        told_empty_ = true;
        empty_call_.request(owner_, shared_from_this());
    }
}

void lane::tell_empty() {
    std::exchange(empty_, nullptr)();
}

void lane::accept_no_more() noexcept {
    acceptors_.clear();
}

void lane::end_intake_now() {
    if (state_ != state::stopping)
        state_ = state::intake_ended;
    accept_no_more();
    for (datagram_session* each : datagrams_)
        each->end_input();
}

void lane::begin_stop_now() {
    if (std::exchange(state_, state::stopping) == state::stopping)
        return;
    accept_no_more();
    farewells_.clear();
    for (session* each = first_; each;)
        std::exchange(each, each->next_)->tell();
    for (datagram_session* each : datagrams_)
        each->finish();
    check_empty();
}

void lane::cancel_now() {
    cancelled_ = true;
    for (session* each = first_; each;)
        std::exchange(each, each->next_)->cancel();
    for (datagram_session* each : datagrams_)
        each->close();
}

std::vector<std::string> lane::unfinished() const {
    std::vector<std::string> all;
    for (const session* each = first_; each; each = each->next_)
        all.push_back(each->unfinished());
    return all;
}

} // namespace aio::server
