#include <aio/async/ask.hpp>
#include <aio/async/timeout.hpp>

namespace aio::async::asking {

namespace {

/// Marks the round as over, whatever ends the wait.
struct ending {
    ending(std::atomic<bool>& over_, loop& home_) : over(over_), home(home_) {}

    ending(const ending&) = delete;
    ending& operator=(const ending&) = delete;

    ~ending() {
        over = true;
        for (; held > 0; --held)
            home.release();
    }

    std::atomic<bool>& over;
    loop& home;
    std::size_t held = 0;
};

} // namespace

round::~round() = default;

task<void> round::wait(std::vector<loop*> whom, duration limit) {
    ending at_last(over_, home_);
    if (whom.empty())
        co_return;
    for (std::size_t i = 0; i < whom.size(); ++i) {
        at_last.held += home_.hold_for(*whom[i]);
        whom[i]->post([self = shared_from_this(), i, value_type = whom[i]] {
            self->visit(i, *value_type);
        });
    }
    try {
        co_await with_timeout(limit, complete_.wait("the answers of the loops"));
    } catch (const timeout_error&) {
        // loops that have not answered are left out
    }
}

void round::visit(std::size_t index, loop& loop) {
    if (over_)
        return;
    answer(index, loop);
    home_.post([self = shared_from_this()] {
        if (--self->left_ == 0)
            self->complete_.set();
    });
}

} // namespace aio::async::asking
