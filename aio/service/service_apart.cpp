// What crosses between a service and a child on a loop of its own. Each loop touches only its own
// data. It posts messages to the other, with the life they belong to. The loop of the child is kept
// over restarts, so a call into the child always finds it.

#include <aio/service/service_inside.hpp>

namespace aio::service {

// ---- on the parent's loop ----

/// In a turn of its own: the children after it on this loop do not wait for it.
void service::inside::start_apart_soon(std::shared_ptr<inside> child) {
    ++apart_starting;
    home->post([weak = weak_from_this(), life = lives.load(), child = std::move(child)] {
        if (const auto own = weak.lock(); own && own->lives_in(life) && takes_tasks(own->current))
            own->starting->spawn("start of " + child->name, own->start_apart(child));
    });
}

task<void> service::inside::start_apart(std::shared_ptr<inside> child) {
    struct one_less {
        inside& of;

        ~one_less() {
            if (--of.apart_starting == 0)
                of.walk_on.set();
        }
    } const at_end{*this};

    if (!child->own) {
        auto made = co_await own_context->app().open_loop(self.name() + "/" + child->name);
        if (child->parent != &self)
            co_return; // removed again
        {
            const std::lock_guard lock(child->placing);
            child->own = std::move(made);
        }
        child->place_below(*this);
    }
    if (asked() || why || child->parent != &self)
        co_return;
    const std::shared_ptr<async::loop> there = child->own;
    try {
        co_await async::on(*there, [child, life = lives.load()] {
            child->life_above = life;
            return child->self.start();
        });
    } catch (const stopped_while_starting&) {
        // removed again, or this service stops
    }
}

/// A child that has not started has no loop yet, and nothing to stop.
task<void> service::inside::stop_apart(std::shared_ptr<inside> child, departure cause) {
    const std::shared_ptr<async::loop> there = child->own;
    if (!there)
        co_return;

    struct waiting {
        std::string& on;

        ~waiting() { on.clear(); }
    } const at_end{awaited = self.name() + "/" + child->name};

    co_await async::on(*there, [child, now = forced, cause] {
        if (cause == departure::removal && !child->removed)
            child->self.close_kept();
        if (child->alive())
            now ? child->self.cancel() : child->begin_stop();
        return child->stopped.wait("the end of a service");
    });
}

/// Each on its loop; also those that are down.
void service::inside::tell_children(void (service::*what)() noexcept) noexcept {
    for (const auto& service : children) {
        inside& child = *service->inside_;
        if (!child.apart)
            ((*service).*what)();
        else if (child.own)
            child.own->post([weak = child.weak_from_this(), what] {
                if (const auto there = weak.lock(); there && !there->removed)
                    (there->self.*what)();
            });
    }
}

/// Tells the children on loops of their own.
void service::inside::crash_apart(const std::exception_ptr& reason) {
    for (const auto& service : children)
        if (service->inside_->apart && service->inside_->own)
            service->inside_->own->post(
                [weak = service->inside_->weak_from_this(), life = lives.load(), reason] {
                    if (const auto child = weak.lock();
                        child && child->alive() && child->life_above == life)
                        child->crash(reason);
                }
            );
}

// ---- on the child's ----

void service::inside::crash_above(const std::exception_ptr& reason) {
    inside& above = *parent->inside_;
    above.home->post([weak = above.weak_from_this(), life = life_above, reason] {
        if (const auto own = weak.lock(); own && own->lives_in(life))
            own->crash(reason);
    });
}

} // namespace aio::service
