// Fails in every place where something may fail, with the `password` of [service/s] in what it
// says and a cause behind it: what of that may be read, and where.

#include "probe.hpp"

#include <aio/config/tree.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace probe {
using namespace std::chrono_literals;

namespace {

[[noreturn]] void fail(const std::string& password) {
    try {
        throw std::runtime_error("wrong: " + password);
    } catch (...) {
        std::throw_with_nested(std::runtime_error("no way in with " + password));
    }
}

[[noreturn]] void fail_in(const aio::service::runtime& app) {
    fail(app.config().find("service/s", "password")->text);
}

aio::task<void> failing(std::string password) {
    co_await aio::sleep(1ms);
    fail(password);
}

/// Does not let itself be cancelled.
aio::task<void> stays() {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    say("stays");
    for (;;)
        co_await aio::sleep(1h);
}

class troubled final : public aio::service_base {
    aio::task<void> on_start() override {
        log().info("with {}", password());
        if (where("start"))
            fail(password());
        if (where("exit"))
            on_exit([this] { return failing(password()); });
        if (where("task"))
            spawn("dial " + password(), failing(password()));
        if (where("timer"))
            every(10ms, [this] { return failing(password()); });
        if (where("stuck") || where("blocked"))
            spawn("dial " + password(), stays());
        co_return;
    }

    aio::task<void> on_started() override {
        if (where("crash"))
            try {
                fail(password());
            } catch (...) {
                crash(std::current_exception());
            }
        co_return;
    }

    aio::task<void> on_stop() override {
        if (where("blocked"))
            std::this_thread::sleep_for(1h);
        return in_stop("stop");
    }

    aio::task<void> on_shutdown() override { return in_stop("shutdown"); }

    aio::task<void> in_stop(const char* hook) {
        if (where(hook))
            fail(password());
        co_return;
    }

    bool where(const std::string& place) const {
        return context().option<std::string>("in") == place;
    }

    std::string password() const { return context().option<std::string>("password"); }
};

class troubled_unmade final : public aio::service_base {
  public:
    explicit troubled_unmade(const aio::service_context& given) { fail_in(given.app()); }
};

void schedule(aio::scheduled_event event) {
    fail_in(event.app());
}

void callback(aio::scheduled_result got) {
    fail_in(got.app());
}

void listener(aio::signal_event event) {
    fail_in(event.app());
}

aio::task<void> bean(aio::bean_context given) {
    co_await failing(given.config().find("service/s", "password")->text);
}

aio::task<void> protocol(aio::stream stream, aio::server_context given) {
    co_await stream.read_line();
    fail_in(given.app());
}

} // namespace

void add_troubles(aio::module_builder& to) {
    to.service<troubled>("troubled")
        .option("in", "", "the place that fails")
        .option("password", "fallb4ck-Pa55", "what opens the door")
        .secret();
    to.service<troubled_unmade>("troubled_unmade");
    to.schedule("trouble", schedule);
    to.callback("trouble_told", callback);
    to.listener("trouble_heard", listener);
    to.bean("trouble_bean", bean);
    to.protocol("trouble_protocol", protocol);
}

} // namespace probe
