#pragma once

// Which TLS handshakes of a server may go on: a limited number over all lanes. Further ones wait in
// the order in which their peers have spoken, each on its lane, until they are late. A peer that
// has not spoken takes no place. Private to server/.

#include <aio/server/places.hpp>

namespace aio::server {

class handshake_queue;

/// One handshake in the queue of its lane, or with a place. It gives back what it has with its
/// destruction.
class waiting_handshake {
  public:
    waiting_handshake() = default;
    waiting_handshake(const waiting_handshake&) = delete;
    waiting_handshake& operator=(const waiting_handshake&) = delete;

    /// It may go on.
    bool has_place() const noexcept { return state_ == state::placed; }

    bool waits_for_place() const noexcept { return state_ == state::waiting; }

    bool has_entered() const noexcept { return state_ != state::idle; }

  protected:
    inline ~waiting_handshake();

  private:
    friend class handshake_queue;

    /// Its place has become free. It may destroy this.
    virtual void go_on_with_place() = 0;

    enum class state { idle, waiting, placed };

    state state_ = state::idle;
    handshake_queue* queue_ = nullptr;
    waiting_handshake* previous_ = nullptr;
    waiting_handshake* next_ = nullptr;
};

/// The handshakes of one lane. On its loop.
class handshake_queue {
  public:
    /// `wake` makes the queues of all lanes try again, in a later turn.
    handshake_queue(places& all, void (*wake)(void* lanes) noexcept, void* lanes) noexcept
        : all_(all), wake_(wake), lanes_(lanes) {}

    /// Gives it a place, or puts it at the end of the queue.
    void enter(waiting_handshake& asking) noexcept {
        asking.queue_ = this;
        if (!first_ && all_.take()) {
            asking.state_ = waiting_handshake::state::placed;
            return;
        }
        asking.state_ = waiting_handshake::state::waiting;
        asking.previous_ = last_;
        (last_ ? last_->next_ : first_) = &asking;
        last_ = &asking;
        if (all_.wait())
            wake_(lanes_);
    }

    /// Called when there may be free places.
    void try_again() {
        while (first_ && all_.take()) {
            waiting_handshake& next = *first_;
            remove(next);
            next.state_ = waiting_handshake::state::placed;
            next.go_on_with_place();
        }
        if (first_ && all_.wait())
            wake_(lanes_);
    }

  private:
    friend class waiting_handshake;

    void leave(waiting_handshake& member) noexcept {
        if (member.state_ == waiting_handshake::state::waiting)
            remove(member);
        else if (all_.give_back())
            wake_(lanes_);
    }

    void remove(waiting_handshake& member) noexcept {
        (member.previous_ ? member.previous_->next_ : first_) = member.next_;
        (member.next_ ? member.next_->previous_ : last_) = member.previous_;
        member.previous_ = member.next_ = nullptr;
    }

    places& all_;
    void (*wake_)(void* lanes) noexcept;
    void* lanes_;
    waiting_handshake* first_ = nullptr;
    waiting_handshake* last_ = nullptr;
};

waiting_handshake::~waiting_handshake() {
    if (state_ != state::idle)
        queue_->leave(*this);
}

} // namespace aio::server
