#include <aio/base/exception.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/server/callback_session.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/stream_session.hpp>

#include <algorithm>
#include <exception>
#include <tuple>
#include <utility>
#include <variant>

namespace aio::server {

lane::~lane() = default;

datagram_session::~datagram_session() {
    lane_.remove(*this);
}

void datagram_session::crashed(std::exception_ptr why) noexcept {
    lane_.shared().failed("failed on a datagram", why);
}

void lane::start(
    std::vector<std::shared_ptr<net::socket>> sockets,
    bool sockets_are_shared,
    std::function<void()> room,
    std::function<void()> empty
) {
    on_ = &net::poller::of(home_);
    room_ = std::move(room);
    empty_ = std::move(empty);
    sockets_ = std::move(sockets);
    const auto* make = std::get_if<datagram_maker>(&shared_->with);
    for (const auto& one : sockets_) {
        if (make) {
            auto protocol = (*make)(shared_->given);
            auto made = std::make_unique<datagram_session>(*this, *on_, std::move(*one));
            made->count(traffic_);
            datagrams_.push_back(made.get());
            self_ = shared_from_this();
            made->begin(std::move(protocol));
            std::ignore = made.release(); // it owns itself from now on
        } else {
            acceptors_.push_back(std::make_unique<acceptor>(*this, one->get(), sockets_are_shared));
            acceptors_.back()->start();
        }
    }
}

void lane::accepted(int fd, const net::address& peer) noexcept {
    shared_->accepted.fetch_add(1, std::memory_order_relaxed);
    session* made = nullptr;
    net::socket owner(fd);
    try {
        const auto set_up = [&](auto* one) {
            owner.release();
            made = one;
            add(*one);
            one->count(traffic_);
            if (shared_->tls)
                one->secure(std::make_unique<net::tls_session>(shared_->tls));
            one->begin();
        };
        if (std::holds_alternative<stream_handler>(shared_->with))
            set_up(new stream_session(*this, *on_, fd, peer));
        else
            set_up(new callback_session(*this, *on_, fd, peer));
    } catch (const std::exception&) {
        shared_->log.error(
            "Server({}) cannot serve a connection: {}",
            shared_->label,
            base::message_of(std::current_exception())
        );
        if (!made)
            shared_->leave();
        delete made;
    }
}

void lane::add(session& one) noexcept {
    one.next_ = first_;
    if (first_)
        first_->previous_ = &one;
    first_ = &one;
    if (count_++ == 0)
        self_ = shared_from_this();
}

void lane::remove(session& one) noexcept {
    (one.previous_ ? one.previous_->next_ : first_) = one.next_;
    if (one.next_)
        one.next_->previous_ = one.previous_;
    --count_;
    if (shared_->leave())
        room_();
    else
        room();
    check_empty();
}

void lane::remove(datagram_session& one) noexcept {
    std::erase(datagrams_, &one);
    check_empty();
}

void lane::room() noexcept {
    for (const auto& one : acceptors_)
        one->room();
}

// What is being destroyed still refers to us: the last reference goes with the next turn.
void lane::check_empty() noexcept {
    if (count_ != 0 || !datagrams_.empty())
        return;
    if (self_)
        home_.post([last = std::exchange(self_, nullptr)] {});
    if (stopping_ && empty_)
        std::exchange(empty_, nullptr)();
}

void lane::accept_no_more() noexcept {
    acceptors_.clear();
    sockets_.clear();
}

void lane::end_intake() noexcept {
    accept_no_more();
    for (datagram_session* one : datagrams_)
        one->end_input();
}

void lane::begin_stop() noexcept {
    if (std::exchange(stopping_, true))
        return;
    accept_no_more();
    for (session* one = first_; one;)
        std::exchange(one, one->next_)->tell();
    for (datagram_session* one : datagrams_)
        one->finish();
    check_empty();
}

void lane::cancel() noexcept {
    cancelled_ = true;
    for (session* one = first_; one;)
        std::exchange(one, one->next_)->cancel();
    for (datagram_session* one : datagrams_)
        one->close();
}

std::vector<std::string> lane::unfinished() const {
    std::vector<std::string> all;
    for (const session* one = first_; one; one = one->next_)
        all.push_back(one->unfinished());
    return all;
}

} // namespace aio::server
