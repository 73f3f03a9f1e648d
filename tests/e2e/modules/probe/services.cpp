// Services as a user writes them; each says what happens to it.

#include "probe.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace probe {
using namespace std::chrono_literals;

namespace {

/// Says each of its hooks.
class talker : public aio::service_base {
  public:
    explicit talker(std::string name) : name_(std::move(name)) {}

    aio::task<void> on_first_start() override { return tell("first_start"); }

    aio::task<void> on_start() override { return tell("start"); }

    aio::task<void> on_started() override { return tell("started"); }

    aio::task<void> on_stop() override { return tell("stop"); }

    aio::task<void> on_shutdown() override { return tell("shutdown"); }

  protected:
    aio::task<void> tell(std::string what) {
        say("{} {}", name_, what);
        co_return;
    }

  private:
    std::string name_;
};

class family final : public talker {
  public:
    explicit family(const aio::service_context& given) : talker("P") {
        say("made {} in {} size={}", given.name(), given.section(), given.option<int>("size"));
        add_child(std::make_unique<talker>("C1"), "C1");
        add_child(std::make_unique<talker>("C2"), "C2");
    }
};

class ticker final : public aio::service_base {
    aio::task<void> on_start() override {
        every(context().option<aio::duration>("period"), [this]() -> aio::task<void> {
            say("tick {}", ++ticks_);
            if (ticks_ == context().option<int>("fail_at"))
                throw std::runtime_error("tick failed");
            co_return;
        });
        co_return;
    }

    int ticks_ = 0;
};

/// Never ends one of the hooks of its stop, whoever cancels it.
class stuck final : public talker {
  public:
    stuck() : talker("stuck") {}

    aio::task<void> on_stop() override { return hang_in("stop"); }

    aio::task<void> on_shutdown() override { return hang_in("shutdown"); }

  private:
    aio::task<void> hang_in(std::string hook) {
        co_await tell(hook);
        if (context().option<std::string>("in") != hook)
            co_return;
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
        for (;;)
            co_await aio::sleep(1h);
    }
};

/// A task takes its cancellation for one more error, and tries again, which nobody should.
class tries_for_ever final : public aio::service_base {
    aio::task<void> on_start() override {
        spawn("tries", [this]() -> aio::task<void> {
            for (;;)
                try {
                    co_await aio::sleep(1h);
                } catch (const std::exception& error) {
                    log().error("failed, tries again: {}", error.what());
                }
        });
        co_return;
    }
};

class cannot final : public aio::service_base {
    aio::task<void> on_start() override {
        throw std::runtime_error("port in use");
        co_return;
    }
};

/// Blocks the loop in its start, which nobody should.
class blocked_start final : public aio::service_base {
    aio::task<void> on_start() override {
        say("{} blocks", context().name());
        std::this_thread::sleep_for(context().option<aio::duration>("takes"));
        say("{} has blocked", context().name());
        co_return;
    }
};

/// Blocks the main loop in its stop, which nobody should.
class blocked_stop final : public aio::service_base {
    aio::task<void> on_stop() override {
        say("{} blocks its stop", context().name());
        std::this_thread::sleep_for(1h);
        co_return;
    }
};

/// Leaves a coroutine on the loop that no service owns, which nobody should. It waits for a query.
class leaves_a_query final : public aio::service_base {
    static aio::task<void> ask(aio::runtime& app) {
        const std::string table = "a table of the coroutine";
        co_await app.workers().run([&table] {
            say("query begins");
            std::this_thread::sleep_for(500ms);
            say("query of {} ends", table);
        });
        say("query came back");
    }

    aio::task<void> on_start() override {
        boost::asio::co_spawn(
            co_await boost::asio::this_coro::executor, ask(context().app()), boost::asio::detached
        );
    }
};

class unmakeable final : public aio::service_base {
  public:
    unmakeable() { throw std::runtime_error("cannot be made"); }
};

/// Says whose code its constructor is run as.
class made_by final : public aio::service_base {
  public:
    explicit made_by(const aio::service_context& given) {
        say("{} made by {}", given.section(), ::getuid());
        std::this_thread::sleep_for(given.option<aio::duration>("takes"));
        if (given.option<bool>("fails"))
            throw std::runtime_error("cannot be made");
    }

  private:
    aio::task<void> on_start() override {
        say("{} started", context().section());
        co_return;
    }
};

class sets final : public aio::service_base {
    aio::task<void> on_start() override {
        spawn("late", [](aio::service_context to) -> aio::task<void> {
            co_await aio::sleep(200ms);
            to.set("db", std::string("connected"));
        }(context()));
        co_return;
    }
};

class gets final : public aio::service_base {
    aio::task<void> on_start() override {
        say("db is {}", co_await context().get<std::string>("db"));
        try {
            co_await context().get<int>("db");
        } catch (const std::exception& e) {
            say("{}", e.what());
        }
    }
};

/// On a loop of its own: blocks it for a while, hangs in its stop, or crashes, as it is told.
class worker final : public aio::service_base {
    aio::task<void> on_start() override {
        every(100ms, [this]() -> aio::task<void> {
            std::this_thread::sleep_for(context().option<aio::duration>("block"));
            if (++turns_ == context().option<int>("fail_at"))
                throw std::runtime_error("worker failed");
            say("turn {}", turns_);
            co_return;
        });
        co_return;
    }

    aio::task<void> on_stop() override {
        return aio::sleep(context().option<aio::duration>("hang"));
    }

    int turns_ = 0;
};

class foreman final : public aio::service_base {
  public:
    foreman() { add_child(std::make_unique<worker>(), "worker", aio::own_loop); }
};

} // namespace

void add_services(aio::module_builder& to) {
    to.service<family>("family").option("size", 100, "entries").help("a parent with two children");
    to.service<ticker>("ticker").option("period", 100ms, "").option("fail_at", 0, "the tick");
    to.service<tries_for_ever>("tries_for_ever");
    to.service<stuck>("stuck").option("in", "stop", "the hook that never ends");
    to.service<leaves_a_query>("leaves_a_query");
    to.service<unmakeable>("unmakeable");
    to.service<made_by>("made_by")
        .option("fails", false, "its constructor throws")
        .option("takes", 0s, "how long its constructor takes");
    to.service<blocked_start>("blocked_start").option("takes", 1s, "how long");
    to.service<blocked_stop>("blocked_stop");
    to.service<cannot>("cannot").required<std::string>("must", "has to be given");
    to.service<sets>("sets");
    to.service<gets>("gets");
    to.service<foreman>("foreman")
        .option("block", 0s, "how long its child blocks each time")
        .option("fail_at", 0, "the turn")
        .option("hang", 0s, "how long its child takes to stop");
}

} // namespace probe
