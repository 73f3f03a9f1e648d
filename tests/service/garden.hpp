#pragma once

// Services of the user's on a loop under a virtual clock: each notes which of its hooks is called.

#include "../async/run.hpp"
#include "../support/noting_app.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/text.hpp>
#include <aio/service/service.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test {

using namespace std::chrono_literals;
using aio::task;
using aio::service::state;
using aio::service::unit;

/// As the root [service/NAME] of an app.
inline void
place(aio::service::service& root, std::string name, noting_app& app, aio::async::loop& home) {
    aio::service::common_spec common;
    common.section = "service/" + name;
    auto data = std::make_shared<const aio::service::context_data>(
        std::move(name), common.section, aio::config::options{}, app, app.log("m")
    );
    root.place(std::move(common), aio::service::context(std::move(data)), home);
}

/// One loop, one clock, one app, and what the services on it note.
struct garden {
    aio::async::virtual_clock time;
    aio::async::loop at{"main", 0, time};
    noting_app app{at};
    std::vector<std::string> noted;
    aio::async::time_point begun = time.now();

    aio::base::duration now() const { return time.now() - begun; }

    void note(std::string what) { noted.push_back(std::move(what)); }

    void note_time() { note(aio::base::format(now())); }

    std::string notes() { return aio::base::join(std::exchange(noted, {}), ", "); }

    void place(aio::service::service& root, std::string name) {
        test::place(root, std::move(name), app, at);
    }

    template <typename F>
    void run(F f) {
        test::run(at, std::move(f));
    }
};

/// A service whose hooks note themselves in `In` and do what a test wants on top.
template <typename Self, typename In>
struct noting_service : aio::service::service {
    using hook = std::function<task<void>(Self&)>;

    noting_service(In& in_, std::string tag_) : in(in_), tag(std::move(tag_)) {}

    Self& with(const std::string& name, hook f) {
        hooks[name] = std::move(f);
        return static_cast<Self&>(*this);
    }

    Self& child(const std::string& name) {
        return add_child(std::make_unique<Self>(in, name), name);
    }

    // For tests: what only a service itself may do.
    using service::crash;
    using service::cron;
    using service::done;
    using service::every;
    using service::home;
    using service::on_exit;
    using service::ready;
    using service::should_stop;
    using service::sleep;
    using service::spawn;
    using service::wait;

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
            co_await hooks[name](static_cast<Self&>(*this));
    }

    In& in;
    std::string tag;
    std::map<std::string, hook> hooks;
};

struct plant : noting_service<plant, garden> {
    using noting_service::noting_service;
};

/// A root in its place.
struct root : plant {
    explicit root(garden& in_, const std::string& name = "P") : plant(in_, name) {
        in_.place(*this, name);
    }
};

inline task<void> stop(aio::service::service& stopped) {
    stopped.begin_stop();
    co_await stopped.wait_stopped();
}

inline std::exception_ptr boom(const char* text = "boom") {
    return std::make_exception_ptr(std::runtime_error(text));
}

template <typename F>
task<std::string> error_of(F f) {
    try {
        co_await f();
    } catch (const std::exception& e) {
        co_return e.what();
    }
    co_return "";
}

} // namespace test
