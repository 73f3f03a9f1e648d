// Code that ends the process or a copy of it by itself, and threads of a module.

#include "probe.hpp"

#include <aio/log/sink.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace probe {

using namespace std::chrono_literals;

namespace {

[[noreturn]] void exit_by(const std::string& how) {
    if (how == "quick_exit")
        std::quick_exit(7);
    if (how == "kill")
        ::raise(SIGKILL);
    std::exit(how == "exit_0" ? 0 : 5);
}

/// Exits at a stage of its life.
class exits_in final : public aio::service_base {
  public:
    explicit exits_in(const aio::service_context& given)
        : stage_(given.option<std::string>("stage")), how_(given.option<std::string>("how")) {
        exit_in("constructor");
    }

    exits_in(const exits_in&) = delete;
    exits_in& operator=(const exits_in&) = delete;

    ~exits_in() override { exit_in("destructor"); }

  private:
    aio::task<void> on_start() override {
        exit_in("start");
        if (stage_ == "thread")
            std::thread([this] { exit_by(how_); }).join();
        co_return;
    }

    void exit_in(std::string_view stage) const {
        if (stage_ == stage)
            exit_by(how_);
    }

    std::string stage_, how_;
};

/// Logs a last line when the process exits, after the variables of the thread are gone.
struct logs_at_exit {
    aio::log::logger* to = nullptr;

    ~logs_at_exit() {
        if (to)
            to->info("from a static destructor");
    }
};

void exits(aio::scheduled_event event) {
    const std::string how = event.option<std::string>("how");
    static logs_at_exit last;
    if (event.option<bool>("logs_later"))
        last.to = &event.log();
    if (event.option<bool>("logs"))
        event.log().info("the last line");
    if (event.option<std::string>("from") == "thread")
        std::thread([how] { exit_by(how); }).join();
    exit_by(how);
}

/// A loop that goes on logging while another thread exits.
aio::task<void> chatters(aio::scheduled_event event) {
    for (int i = 1;; ++i) {
        event.log().info("chat {}", i);
        co_await aio::sleep(0s);
    }
}

/// Copies the process while lines of the log wait, and ends the copy.
void forks(aio::scheduled_event event) {
    event.log().info("before the fork");
    const pid_t copy = ::fork();
    if (copy == 0) {
        const std::string how = event.option<std::string>("how");
        if (how == "abort")
            std::abort();
        exit_by(how);
    }
    int status = 0;
    ::waitpid(copy, &status, 0);
    event.log().info("the copy has ended");
    say("forked");
}

/// A log handler that exits when it gets a certain line: the caller holds its lock.
class exiting_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string_view text(message.payload.data(), message.payload.size());
        if (text.find("the last line") != text.npos)
            std::exit(5);
    }

    void flush_() override {}
};

std::shared_ptr<spdlog::sinks::sink> exit_at_line(const aio::log_handler_section&) {
    return std::make_shared<exiting_sink>();
}

void overflow_in_thread(aio::scheduled_event event) {
    event.log().info("the last line");
    std::thread([] {
        const aio::alternate_stack stack;
        overflow_stack();
    }).join();
}

} // namespace

void add_exits(aio::module_builder& to) {
    to.schedule("exits", exits)
        .option("how", "exit", "exit or quick_exit")
        .option("from", "loop", "loop or thread")
        .option("logs", true, "whether it logs before")
        .option("logs_later", false, "whether a static destructor logs");
    to.service<exits_in>("exits_in")
        .option("stage", "start", "constructor, start, thread (in the start) or destructor")
        .option("how", "exit", "exit, exit_0, quick_exit or kill");
    to.schedule("chatters", chatters);
    to.schedule("forks", forks).option("how", "exit", "exit, quick_exit or abort");
    to.schedule("overflow_in_thread", overflow_in_thread);
    to.log_handler("exit_at_line", exit_at_line);
    to.command("exiting", [](aio::command_event event) -> int {
        event.log().info("the last line");
        exit_by("exit");
    });
}

} // namespace probe
