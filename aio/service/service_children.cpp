// The children of a service start one after the other; a child that is added later starts by
// itself.

#include <aio/service/service_inside.hpp>

namespace aio::service {

// While a child starts, others may be added or removed.
service* service::inside::next_child() {
    while (children_begun < children.size()) {
        service* one = children[children_begun++].get();
        if (one->inside_->begun_in != lives)
            return one;
    }
    return nullptr;
}

/// Part of start(); also picks up children added meanwhile.
task<void> service::inside::start_children() {
    struct walk {
        bool& goes_on;

        explicit walk(bool& of) : goes_on(of) { goes_on = true; }

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
    while (service* one = asked() || why ? nullptr : next_child())
        co_await start_child(*one->inside_);
}

task<void> service::inside::start_child(inside& in) {
    in.begun_in = lives;
    if (in.apart) {
        start_apart_soon(in.shared_from_this());
        co_return;
    }
    in.place_below(*this);
    try {
        co_await in.self.start();
    } catch (const stopped_while_starting&) {
        // removed again, or this service stops
    }
}

/// In a turn of its own: the caller of add_child() may still set up the child.
void service::inside::start_children_soon() {
    if (walking)
        return walk_on.set();
    home->post([weak = weak_from_this(), life = lives.load()] {
        const auto in = weak.lock();
        if (in && in->lives_in(life) && takes_tasks(in->at) && !in->walking)
            in->starting->spawn("start of a child", in->start_added());
    });
}

} // namespace aio::service
