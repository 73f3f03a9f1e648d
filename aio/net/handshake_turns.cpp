#include <aio/async/loop.hpp>
#include <aio/net/handshake_turns.hpp>

#include <utility>

namespace aio::net {

boost::asio::execution_context::id handshake_turns::id;

handshake_turns::place::~place() {
    if (queue_)
        queue_->remove(*this);
}

handshake_turns& handshake_turns::of(poller& on) {
    auto& made = boost::asio::use_service<handshake_turns>(on.home().context());
    made.on_ = &on;
    return made;
}

handshake_turns::handshake_turns(boost::asio::execution_context& context) : service(context) {}

void handshake_turns::shutdown() {
    while (first_)
        remove(*first_);
}

bool handshake_turns::spend() noexcept {
    const async::time_point now = on_->home().time().now();
    if (turn_ != on_->turn()) {
        turn_ = on_->turn();
        steps_ = 0;
        begun_ = now;
    }
    const bool another = has_another(steps_, now - begun_);
    steps_ += another;
    return another;
}

bool handshake_turns::take(place& asking) {
    if (asking.queue_)
        return false;
    if (!first_ && spend())
        return true;
    on_->defer(*this);
    append(asking);
    return false;
}

void handshake_turns::ready(std::uint32_t) {
    struct again {
        handshake_turns& queue;

        ~again() {
            if (queue.first_)
                queue.on_->defer(queue);
        }
    } const guard{*this};

    while (first_ && spend()) {
        place& next = *first_;
        remove(next);
        next.step();
    }
}

void handshake_turns::append(place& asking) noexcept {
    asking.queue_ = this;
    asking.previous_ = last_;
    (last_ ? last_->next_ : first_) = &asking;
    last_ = &asking;
}

void handshake_turns::remove(place& member) noexcept {
    (member.previous_ ? member.previous_->next_ : first_) = member.next_;
    (member.next_ ? member.next_->previous_ : last_) = member.previous_;
    member.previous_ = member.next_ = nullptr;
    member.queue_ = nullptr;
}

} // namespace aio::net
