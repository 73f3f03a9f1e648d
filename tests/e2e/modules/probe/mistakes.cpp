// Every kind of thing that a module offers, each asking for an option that it cannot have.

#include "probe.hpp"

#include <memory>
#include <string>

namespace probe {

using namespace std::chrono_literals;

namespace {

/// An option nobody declared, or a declared one as another type.
void ask(const auto& context) {
    if (context.text("as").value_or("") == "another type")
        (void)context.template option<int>("grace");
    else
        (void)context.template option<int>("undeclared");
}

void run(aio::scheduled_event event) {
    ask(event);
}

aio::task<void> run_later(aio::scheduled_event event) {
    co_await aio::sleep(1ms);
    ask(event);
}

int good(aio::scheduled_event) {
    return 7;
}

void call_back(aio::scheduled_result result) {
    ask(result);
}

void take_wrong(aio::scheduled_result result) {
    (void)result.value<std::string>();
}

void hear(aio::signal_event event) {
    ask(event);
}

aio::task<void> hear_later(aio::signal_event event) {
    co_await aio::sleep(1ms);
    ask(event);
}

/// Emits, and passes over what the listeners do.
aio::task<void> emit(aio::scheduled_event event) {
    try {
        co_await event.app().signals().emit("asked");
    } catch (const std::exception&) {
        say("emit failed");
    }
}

void post(aio::scheduled_event event) {
    event.app().signals().post("asked");
}

aio::task<void> serve(aio::stream stream, aio::server_context context) {
    co_await stream.read();
    ask(context);
}

class callbacks final : public aio::protocol {
  public:
    explicit callbacks(const aio::server_context& context) : context_(context) {}

    void data_received(std::span<const std::byte>) override { ask(context_); }

  private:
    aio::server_context context_;
};

class datagrams final : public aio::datagram_protocol {
  public:
    explicit datagrams(const aio::server_context& context) : context_(context) {}

    void datagram_received(std::span<const std::byte>, const aio::address&) override {
        ask(context_);
    }

  private:
    aio::server_context context_;
};

aio::task<std::unique_ptr<aio::server_handle>> build(aio::server_builder builder) {
    ask(builder);
    co_return nullptr;
}

aio::task<void> bean(aio::bean_context context) {
    co_await aio::sleep(1ms);
    ask(context);
}

/// Its handler makes the mistake each time it hears the signal.
aio::task<void> hears(aio::bean_context context) {
    context.add_signal_handler("ping", [context] { ask(context); });
    for (;;) {
        co_await aio::sleep(50ms);
        co_await context.send_signal("ping");
    }
}

struct bean_server : aio::tcp_server {
    using tcp_server::tcp_server;

    aio::task<void> serve(aio::stream stream) override {
        co_await stream.read();
        ask(context());
    }
};

struct timer : aio::service_base {
    aio::task<void> on_start() override {
        every(50ms, [this] { ask(context()); });
        co_return;
    }
};

struct server : aio::tcp_service {
    aio::task<void> serve(aio::stream stream) override {
        co_await stream.read();
        ask(context());
    }
};

struct server_above : aio::service_base {
    server_above() { add_child(std::make_unique<server>(), "child"); }
};

struct starts_wrong : aio::service_base {
    aio::task<void> on_start() override {
        ask(context());
        co_return;
    }
};

struct above_wrong_start : aio::service_base {
    above_wrong_start() { add_child(std::make_unique<starts_wrong>(), "child"); }
};

/// Waits in its start for a value that nobody sets.
struct waits_in_start : aio::service_base {
    aio::task<void> on_start() override { (void)co_await context().get<int>("nobody"); }
};

struct server_apart : aio::service_base {
    server_apart() { add_child(std::make_unique<server>(), "child", aio::own_loop); }
};

void command(aio::command_event event) {
    (void)event.option<int>("undeclared");
}

/// A service that uses in its constructor what it has from its first hook on.
struct early : aio::service_base {
    early() {
        every(1s, [] {});
    }
};

struct early_spawn : aio::service_base {
    early_spawn() {
        spawn("work", [] {});
    }
};

struct early_context : aio::service_base {
    early_context() { log().info("hello"); }
};

struct early_child : aio::service_base {
    aio::task<void> on_first_start() override {
        add_child(std::make_unique<early_spawn>(), "child");
        co_return;
    }
};

/// Plain functions wherever a coroutine may stand.
struct plain : aio::service_base {
    aio::task<void> on_start() override {
        every(50ms, [this, count = 0]() mutable {
            if (++count == 2)
                say("every {}", context().name());
        });
        cron("* * * * * *", [] { say("cron"); });
        on_exit([] { say("on_exit"); });
        spawn("task", [] { say("spawn"); });
        // The lambda lives as long as its coroutine.
        spawn("later", [text = std::string(100, 'x')]() -> aio::task<void> {
            co_await aio::sleep(1ms);
            say("later {}", text.size());
        });
        cast([] { say("cast"); });
        say("call {}", co_await call([] { return 7; }));
    }
};

/// What it returns is nobody's business, but it runs.
aio::task<int> returning_bean(aio::bean_context) {
    say("the bean runs");
    co_return 1;
}

aio::task<int> returning_protocol(aio::stream stream) {
    co_await stream.write("served");
    co_return 1;
}

} // namespace

void add_mistakes(aio::module_builder& to) {
    const auto with_grace = [](auto&& one) { one.option("grace", 5s, "how long to wait"); };
    with_grace(to.schedule("mistake", run));
    with_grace(to.schedule("mistake_later", run_later));
    to.schedule("no_mistake", good);
    to.callback("mistaken_callback", call_back);
    to.callback("mistaken_result", take_wrong);
    to.listener("mistaken_listener", hear);
    to.listener("mistaken_listener_later", hear_later);
    to.schedule("emits_asked", emit);
    to.schedule("posts_asked", post);
    with_grace(to.protocol("mistaken_protocol", serve));
    with_grace(to.protocol<callbacks>("mistaken_callbacks"));
    with_grace(to.protocol<datagrams>("mistaken_datagrams"));
    to.factory("mistaken_factory", build);
    with_grace(to.bean("mistaken_bean", bean));
    to.bean("mistaken_handler", hears);
    to.bean<bean_server>("mistaken_bean_server");
    with_grace(to.service<timer>("mistaken_timer"));
    to.service<server>("mistaken_server");
    to.service<server_above>("mistaken_child");
    to.service<above_wrong_start>("mistaken_start_of_child");
    to.service<waits_in_start>("waits_in_start");
    to.service<server_apart>("mistaken_child_apart");
    to.command("mistaken_command", command);
    to.service<early>("early");
    to.service<early_spawn>("early_spawn");
    to.service<early_context>("early_context");
    to.service<early_child>("early_child");
    to.service<plain>("plain");
    to.bean("returning_bean", returning_bean);
    to.protocol("returning_protocol", returning_protocol);
}

} // namespace probe
