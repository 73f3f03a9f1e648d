// Ways in which a process comes to its end, or does not.

#include "probe.hpp"

#include <aio/log/sink.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace probe {

using namespace std::chrono_literals;

namespace {

// Not inline, nothing known at compile time: neither the compiler nor a sanitizer gets in between.
volatile int nothing = 0;

[[gnu::noinline]] int overflow(int depth) {
    volatile char room[4096];
    room[0] = static_cast<char>(depth);
    return nothing == 0 ? overflow(depth + 1) + room[nothing] : depth;
}

[[gnu::noinline, clang::no_sanitize("all")]] void crash_by(const std::string& kind) {
    if (kind == "segv")
        *static_cast<volatile int*>(reinterpret_cast<int*>(std::uintptr_t(nothing) + 16)) = 1;
    else if (kind == "overflow")
        overflow_stack();
    else if (kind == "fpe")
        ::raise(SIGFPE);
    else if (kind == "ill")
        __builtin_trap();
    else if (kind == "bus")
        ::raise(SIGBUS);
    else if (kind == "kill")
        ::raise(SIGKILL);
    else if (kind == "hang")
        for (;;)
            ::pause();
    else
        std::abort();
}

void crash(aio::scheduled_event event) {
    event.log().info("the last line");
    say("logged");
    crash_by(event.option<std::string>("kind"));
}

aio::task<void> crash_later(aio::scheduled_event event) {
    event.log().info("the last line");
    co_await aio::sleep(1ms);
    crash_by(event.option<std::string>("kind"));
}

aio::task<void> crash_in_worker(aio::scheduled_event event) {
    const std::string kind = event.option<std::string>("kind");
    co_await event.app().workers().run([kind] { crash_by(kind); });
}

/// Takes its time at the very end of the process, after everything has stopped.
struct last_destructor {
    std::chrono::milliseconds takes{0};

    ~last_destructor() {
        if (takes == 0ms)
            return;
        say("the last destructor begins");
        std::this_thread::sleep_for(takes);
    }
};

void at_the_end(aio::scheduled_event event) {
    static last_destructor last;
    last.takes =
        std::chrono::duration_cast<std::chrono::milliseconds>(event.option<aio::duration>("takes"));
}

/// Always has something to do next, without a turn of the loop.
struct for_ever {
    boost::asio::io_context& at;

    void operator()() const { boost::asio::post(at, *this); }
};

void never_idle(aio::scheduled_event event) {
    boost::asio::post(
        static_cast<boost::asio::io_context&>(event.app().main_loop().context()),
        for_ever{static_cast<boost::asio::io_context&>(event.app().main_loop().context())}
    );
    say("never idle");
}

/// Stops slowly, but heeds a cancellation.
class slow_end final : public aio::service_base {
  public:
    aio::task<void> on_start() override {
        if (context().option<std::string>("in") == "exit")
            on_exit([this] { return take_time("exit"); });
        co_return;
    }

    aio::task<void> on_stop() override { return take_time("stop"); }

    aio::task<void> on_shutdown() override { return take_time("shutdown"); }

  private:
    aio::task<void> take_time(std::string hook) {
        if (context().option<std::string>("in") != hook)
            co_return;
        if (context().option<bool>("fails"))
            throw std::runtime_error("no space left");
        co_await aio::sleep(context().option<aio::duration>("takes"));
    }
};

class slow_child final : public aio::service_base {
    aio::task<void> on_stop() override {
        return aio::sleep(context().option<aio::duration>("takes"));
    }
};

class slow_parent final : public aio::service_base {
  public:
    slow_parent() { add_child(std::make_unique<slow_child>(), "child"); }
};

aio::task<void> slow_bean(aio::bean_context given) {
    aio::event over;
    given.add_signal_handler("SIGTERM", [&](aio::bean_signal) -> aio::task<void> {
        co_await aio::sleep(given.option<aio::duration>("takes"));
        over.set();
    });
    co_await over.wait();
}

/// Makes a command, as many a module does, and tells how that sees its signals.
void runs_command(aio::scheduled_event) {
    const int status =
        std::system("grep -E '^Sig(Ign|Cgt):' /proc/self/status | sed 's/^/command /'");
    say("command ended {}", status);
}

/// A log handler that keeps its lines until it is flushed, and hangs then if one of them says so.
class kept_lines final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  public:
    kept_lines(std::string path, std::string hangs)
        : path_(std::move(path)), hangs_(std::move(hangs)) {}

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        lines_.append(message.payload.begin(), message.payload.end()).append("\n");
    }

    void flush_() override {
        if (!hangs_.empty() && lines_.find(hangs_) != lines_.npos)
            for (;;)
                ::pause();
        std::ofstream(path_, std::ios::app) << lines_;
        lines_.clear();
    }

    std::string path_, hangs_, lines_;
};

std::shared_ptr<spdlog::sinks::sink> keep_lines(const aio::log_handler_section& section) {
    return std::make_shared<kept_lines>(
        section.option<std::string>("path"), section.option<std::string>("hangs")
    );
}

} // namespace

void overflow_stack() {
    overflow(0);
}

void add_ends(aio::module_builder& to) {
    to.schedule("crash", crash).option("kind", "segv", "how");
    to.schedule("crash_later", crash_later).option("kind", "segv", "how");
    to.schedule("crash_in_worker", crash_in_worker).option("kind", "segv", "how");
    to.schedule("at_the_end", at_the_end).option("takes", 1h, "how long");
    to.schedule("never_idle", never_idle);
    to.schedule("runs_command", runs_command);
    to.service<slow_end>("slow_end")
        .option("in", "stop", "the hook")
        .option("fails", false, "whether it throws")
        .option("takes", 1h, "how long");
    to.service<slow_parent>("slow_parent").option("takes", 1h, "how long");
    to.log_handler("kept_lines", keep_lines)
        .required<std::string>("path", "the file")
        .option("hangs", "", "what makes it hang")
        .option("token", "", "a secret")
        .secret()
        .option("pin", 0, "a secret number")
        .secret();
    to.bean("slow_bean", slow_bean).option("takes", 1h, "how long");
}

} // namespace probe
