#include <aio/app/loop_threads.hpp>
#include <aio/base/alternate_stack.hpp>
#include <aio/base/thread.hpp>
#include <aio/net/dialing.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace aio::app {
namespace {

void turn(
    async::loop& on,
    const std::atomic<bool>& ends,
    const std::function<void(std::exception_ptr)>& failed
) {
    const base::alternate_stack stack;
    for (;;) {
        try {
            on.run();
            if (ends)
                return;
            throw std::runtime_error("code of a module has stopped it");
        } catch (...) {
            failed(std::current_exception());
        }
    }
}

} // namespace

// Tells the main loop, from any thread, that the last handle of an opened loop is gone.
struct loop_threads::way_back : std::enable_shared_from_this<way_back> {
    std::mutex guard; ///< while it is held the main loop is there
    loop_threads* to = nullptr;

    void gone(async::loop& which) {
        const std::lock_guard lock(guard);
        if (to)
            to->main_->post([self = shared_from_this(), &which] {
                if (self->to)
                    self->to->close(which);
            });
    }
};

loop_threads::loop_threads() = default;

loop_threads::~loop_threads() {
    stop();
}

async::loop& loop_threads::add(std::string name, std::size_t index) {
    next_index_ = std::max(next_index_, index + 1);
    auto loop = main_->beside(std::move(name), index); // may throw: descriptors may have run out
    net::dialing::of(*loop).follow(net::dialing::of(*main_));
    return *all_.emplace_back(std::move(loop)).loop;
}

void loop_threads::start(std::function<void(std::exception_ptr)> failed) {
    failed_ = std::move(failed);
    back_ = std::make_shared<way_back>();
    back_->to = this;
    for (loop_entry& each : all_)
        run(each);
}

void loop_threads::run(loop_entry& each) {
    async::loop* loop = each.loop.get();
    if (loop->run_along(failed_))
        return;
    each.thread = base::start_thread([loop, ends = each.ends.get(), failed = failed_] {
        turn(*loop, *ends, failed);
    });
    ::pthread_setname_np(each.thread.native_handle(), loop->name().substr(0, 15).c_str());
    if (came_)
        came_(*loop, each.thread.native_handle());
}

std::shared_ptr<async::loop> loop_threads::open(std::string name) {
    if (!back_)
        throw std::logic_error("no loop for '" + name + "': the app does not run");
    add(std::move(name), next_index_);
    try {
        run(all_.back());
    } catch (...) {
        all_.pop_back();
        throw;
    }
    all_.back().opened = true;
    std::shared_ptr<async::loop> handle(all_.back().loop.get(), [back = back_](async::loop* which) {
        back->gone(*which);
    });
    all_.back().handle = handle;
    return handle;
}

void loop_threads::end(loop_entry& each) {
    *each.ends = true;
    each.loop->stop();
    if (!each.thread.joinable())
        return;
    if (goes_)
        goes_(*each.loop, each.thread.native_handle());
    each.thread.join();
}

void loop_threads::close(async::loop& which) {
    const auto found = std::ranges::find_if(all_, [&](const loop_entry& each) {
        return each.loop.get() == &which;
    });
    if (found == all_.end())
        return;
    end(*found);
    all_.erase(found);
}

void loop_threads::stop() {
    if (back_) {
        const std::lock_guard lock(back_->guard);
        back_->to = nullptr;
    }
    back_.reset();
    for (loop_entry& each : all_) {
        *each.ends = true;
        each.loop->stop();
    }
    for (loop_entry& each : all_)
        end(each);
}

void loop_threads::close() noexcept {
    for (const loop_entry& each : all_)
        each.loop->close();
}

void loop_threads::watch(watcher came, watcher goes) {
    came_ = std::move(came);
    goes_ = std::move(goes);
    for (loop_entry& each : all_)
        if (came_ && each.thread.joinable())
            came_(*each.loop, each.thread.native_handle());
}

std::vector<std::shared_ptr<async::loop>> loop_threads::all() const {
    std::vector<std::shared_ptr<async::loop>> running;
    for (const loop_entry& each : all_)
        if (!each.opened)
            running.emplace_back(std::shared_ptr<void>(), each.loop.get());
        else if (auto kept = each.handle.lock())
            running.push_back(std::move(kept));
    return running;
}

} // namespace aio::app
