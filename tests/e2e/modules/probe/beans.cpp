// Beans as a user writes them; each says what happens to it.

#include "probe.hpp"

#include <aio/config/tree.hpp>

#include <boost/asio/this_coro.hpp>

#include <memory>
#include <string>

namespace probe {
using namespace std::chrono_literals;

namespace {

aio::task<void> hello(aio::bean_context given) {
    co_await aio::sleep(1s);
    std::string all;
    for (const auto& [key, value] : given.arguments())
        all += (all.empty() ? "" : ", ") + key + ": " + value;
    say("hello world with {{{}}}", all);
}

aio::task<void> listed(aio::bean_context given) {
    say("bean {} {} {}", given.id(), given.name(), given.label());
    if (given.id() != 1)
        co_return;
    for (const auto& one : given.beans())
        say("sees {} {}", one.id, one.name);
    say("label w: {}", given.beans("w").size());
    try {
        given.beans("nobody");
    } catch (const std::exception& e) {
        say("{}", e.what());
    }
}

aio::task<void> raises(aio::bean_context) {
    co_await aio::sleep(100ms);
    throw std::runtime_error("a bean raised");
}

aio::task<void> polite(aio::bean_context given) {
    auto stop = std::make_shared<aio::event>();
    given.add_signal_handler("SIGINT", [stop](aio::bean_signal with) {
        say("polite hears {}", with.name());
        stop->set();
    });
    given.add_signal_handler("SIGTERM", [stop](aio::bean_signal with) {
        say("polite hears {}", with.name());
        stop->set();
    });
    say("polite waits");
    co_await stop->wait();
    say("polite ends");
}

/// Hears the signal and goes on; `deaf` to a cancellation, too.
aio::task<void> unwilling(aio::bean_context given) {
    struct leaving {
        ~leaving() { say("unwilling leaves"); }
    } const at_end;

    given.add_signal_handler("SIGTERM", [] { say("unwilling hears SIGTERM"); });
    say("unwilling waits");
    for (;;) {
        try {
            co_await aio::sleep(1h);
        } catch (const std::exception&) {
            if (!given.text("deaf"))
                throw;
            say("unwilling stays");
        }
        if (given.text("deaf"))
            co_await boost::asio::this_coro::reset_cancellation_state();
    }
}

aio::task<void> bad_handler(aio::bean_context given) {
    given.add_signal_handler("SIGTERM", [] { throw std::runtime_error("a handler raised"); });
    say("bad_handler waits");
    co_await aio::sleep(1h);
}

/// Sends itself and others `count` pings, `after` bean 1 has ended if it is to.
aio::task<void> pings(aio::bean_context given) {
    given.add_signal_handler("ping", [given](aio::bean_signal with) {
        say("{} hears ping {}", given.name(), with.data<int>());
    });
    if (given.text("after")) {
        co_await given.wait(1);
        say("after 1");
    }
    const auto count = std::stoi(given.text("count").value_or("0"));
    for (int i = 1; i <= count; ++i)
        say("called {}", co_await given.send_signal("ping", i));
    co_await aio::sleep(1s);
}

/// Says an option of any section.
aio::task<void> configured(aio::bean_context given) {
    given.log().debug("a debug line");
    say("configured {}", given.config().find("my")->find("MY_KEY")->text);
    co_return;
}

aio::task<void> forever(aio::bean_context) {
    struct leaving {
        ~leaving() { say("forever leaves"); }
    } const at_end;

    co_await aio::sleep(1h);
}

class server final : public aio::simple_server {
  public:
    using simple_server::simple_server;

  private:
    aio::task<void> startup() override { return tell("startup"); }

    aio::task<void> run() override {
        co_await tell("run");
        co_await aio::sleep(1h);
    }

    aio::task<void> cleanup() override { return tell("cleanup"); }

    aio::task<void> on_stop(aio::bean_signal by) override {
        say("server on_stop {}", by.name());
        co_await tell("on_stop");
        stop();
    }

    aio::task<void> tell(std::string what) {
        say("server {}", what);
        if (context().text("fails_at") == what)
            throw std::runtime_error("failed at " + what);
        co_return;
    }
};

class echo final : public aio::tcp_server {
  public:
    using tcp_server::tcp_server;

  private:
    aio::task<void> on_setup() override {
        say("tcp on_setup");
        if (const auto slow = context().text("slow"))
            co_await aio::sleep(1h);
    }

    aio::task<void> on_start() override {
        say("tcp on_start {}", endpoints().front());
        co_return;
    }

    aio::task<void> on_signal(aio::bean_signal by) override {
        say("tcp on_signal {}", by.name());
        co_return;
    }

    aio::task<void> on_stop(aio::bean_signal by) override {
        say("tcp on_stop {}", by.name());
        co_return;
    }

    aio::task<void> on_cleanup() override {
        say("tcp on_cleanup");
        co_return;
    }

    aio::task<void> serve(aio::stream stream) override {
        while (auto data = co_await stream.read())
            co_await stream.write(data);
    }
};

class flow final : public aio::producer_consumer<int> {
  public:
    using producer_consumer::producer_consumer;

  private:
    aio::generator<int> produce() override {
        const int last = number("items", 5);
        for (int i = 1; i <= last; ++i) {
            if (i == number("produce_fails_at", 0))
                throw std::runtime_error("a producer raised");
            say("produced {}", i);
            co_yield i;
            if (context().text("endless"))
                co_await aio::sleep(10ms);
        }
        say("produced all");
        if (context().text("endless"))
            co_await aio::sleep(1h);
    }

    aio::task<void> consume(int item) override {
        co_await aio::sleep(100ms);
        if (item == number("consume_fails_at", 0))
            throw std::runtime_error("a consumer raised");
        say("consumed {}", item);
    }

    int number(const char* name, int otherwise) const {
        const auto given = context().text(name);
        return given ? std::stoi(*given) : otherwise;
    }
};

class lines final : public aio::line_reader {
  public:
    using line_reader::line_reader;

  private:
    aio::task<void> on_line(std::string line) override {
        if (line.size() > 1000)
            say("line of {} bytes", line.size());
        else
            say("line '{}'", line);
        co_return;
    }
};

} // namespace

void add_beans(aio::module_builder& to) {
    to.bean("hello", hello);
    to.bean("listed", listed);
    to.bean("raises", raises);
    to.bean("polite", polite);
    to.bean("forever", forever);
    to.bean("unwilling", unwilling);
    to.bean("bad_handler", bad_handler);
    to.bean("pings", pings);
    to.bean("configured", configured);
    to.bean("counted", hello).option("count", 1, "how often").required<std::string>("whom", "who");
    to.bean<server>("server");
    to.bean<echo>("tcp");
    to.bean<flow>("flow");
    to.bean<lines>("lines");
}

} // namespace probe
