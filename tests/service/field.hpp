#pragma once

// Services of the user's on loops of their own, on threads or simulated by a seed: each notes which
// of its hooks is called.

#include "garden.hpp"

#include <mutex>

namespace test {

/// Loops on threads, or simulated by a seed; each says what happens to it, from any thread.
struct field {
    explicit field(std::uint64_t seed = 0) {
        if (seed != 0)
            time = std::make_unique<aio::async::virtual_clock>(seed);
        main = time ? std::make_unique<aio::async::loop>("main", 0, *time)
                    : std::make_unique<aio::async::loop>("main", 0);
        app = std::make_unique<noting_app>(*main);
    }

    std::unique_ptr<aio::async::virtual_clock> time;
    std::unique_ptr<aio::async::loop> main;
    std::unique_ptr<noting_app> app;
    std::mutex guard;
    std::vector<std::string> noted;

    void note(std::string what) {
        const std::lock_guard lock(guard);
        noted.push_back(std::move(what));
    }

    std::string notes() {
        const std::lock_guard lock(guard);
        return aio::base::join(std::exchange(noted, {}), ", ");
    }

    void place(aio::service::service& one) {
        aio::service::common_spec common;
        common.section = "service/P";
        auto data = std::make_shared<const aio::service::context_data>(
            "P", common.section, aio::config::options{}, *app, app->log("m")
        );
        one.place(std::move(common), aio::service::context(std::move(data)), *main);
    }

    template <typename F>
    void run(F f) {
        test::run(*main, std::move(f));
    }
};

struct crop : aio::service::service {
    using hook = std::function<task<void>(crop&)>;

    crop(field& in_, std::string tag_) : in(in_), tag(std::move(tag_)) {}

    crop& child(const std::string& name) {
        return add_child(std::make_unique<crop>(in, name), name);
    }

    crop& own_child(const std::string& name) {
        return add_child(std::make_unique<crop>(in, name), name, aio::service::own_loop);
    }

    using service::crash;
    using service::done;
    using service::every;
    using service::home;
    using service::sleep;
    using service::spawn;

    task<void> on_first_start() override { return call_hook("first_start"); }

    task<void> on_start() override { return call_hook("start"); }

    task<void> on_started() override { return call_hook("started"); }

    task<void> on_stop() override { return call_hook("stop"); }

    task<void> on_shutdown() override { return call_hook("shutdown"); }

    task<void> on_restart() override { return call_hook("restart"); }

    task<void> on_crash(std::exception_ptr) override { return call_hook("crash"); }

    task<void> call_hook(std::string name) {
        in.note(tag + "." + name);
        if (!home().running_here())
            in.note("on another loop");
        if (hooks.contains(name))
            co_await hooks[name](*this);
    }

    field& in;
    std::string tag;
    std::map<std::string, hook> hooks;
};

struct head : crop {
    explicit head(field& in_) : crop(in_, "P") { in_.place(*this); }
};

} // namespace test
