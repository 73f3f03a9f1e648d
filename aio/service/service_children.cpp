// The children of a service start one after the other; a child that is added later starts by
// itself.

#include <aio/service/service_inside.hpp>

namespace aio::service {

// While a child starts, others may be added or removed.
service* service::inside::next_child() {
    while (children_begun < children.size()) {
        service* owner = children[children_begun++].get();
        if (owner->inside_->begun_in != lives)
            return owner;
    }
    return nullptr;
}

/// Part of start(); also picks up children added meanwhile.
task<void> service::inside::start_children() {
    struct walk {
        bool& goes_on;

        explicit walk(bool& flag) : goes_on(flag) { goes_on = true; }

        ~walk() { goes_on = false; }
    } const from_here(walking);

    for (;;) {
        co_await start_added();
        if (apart_starting == 0 || asked() || why)
            co_return;
        walk_on.reset();
        co_await walk_on.wait("children on loops of their own");
    }
}

task<void> service::inside::start_added() {
    while (service* owner = asked() || why ? nullptr : next_child())
        co_await start_child(*owner->inside_);
}

task<void> service::inside::start_child(inside& child) {
    child.begun_in = lives;
    if (child.apart) {
        start_apart_soon(child.shared_from_this());
        co_return;
    }
    child.place_below(*this);
    try {
        co_await child.self.start();
    } catch (const stopped_while_starting&) {
        // removed again, or this service stops
    }
}

/// In a turn of its own: the caller of add_child() may still set up the child.
void service::inside::start_children_soon() {
    if (walking)
        return walk_on.set();
    home->post([weak = weak_from_this(), life = lives.load()] {
        const auto child = weak.lock();
        if (child && child->lives_in(life) && takes_tasks(child->current) && !child->walking)
            child->starting->spawn("start of a child", child->start_added());
    });
}

} // namespace aio::service
