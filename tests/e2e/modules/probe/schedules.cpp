#include "probe.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <any>
#include <stdexcept>
#include <string>
#include <thread>

namespace probe {

using namespace std::chrono_literals;

namespace {

void tick(aio::scheduled_event event) {
    say("tick {} {} run={} missed={}", event.name(), event.section(), event.run(), event.missed());
}

std::uint64_t second_fails(aio::scheduled_event event) {
    say("second_fails run={}", event.run());
    if (event.run() == 2)
        throw std::runtime_error("boom");
    return event.run();
}

void fails(aio::scheduled_event event) {
    say("fails run={}", event.run());
    throw std::runtime_error("boom");
}

void result(aio::scheduled_result got) {
    say("result {} {}", got.name(), got.value<std::uint64_t>());
}

void error(aio::scheduled_result got) {
    say("error {} {}", got.name(), got.message());
}

void extra(aio::scheduled_event event) {
    say("extra={}", event.text("extra").value_or("nothing"));
}

void options(aio::scheduled_event event) {
    say("options token={} grace={}ms colour={} count={}",
        event.option<std::string>("token"),
        std::chrono::duration_cast<std::chrono::milliseconds>(event.option<aio::duration>("grace"))
            .count(),
        event.option<aio::choice>("colour").value,
        event.option<int>("count"));
}

aio::task<void> slow(aio::scheduled_event event) {
    say("slow {} begins", event.name());
    try {
        co_await aio::sleep(event.option<aio::duration>("takes"));
    } catch (...) {
        say("slow {} cancelled", event.name());
        throw;
    }
    say("slow {} ends", event.name());
}

/// Blocks the loop, which nobody should.
void block(aio::scheduled_event event) {
    say("block begins");
    std::this_thread::sleep_for(event.option<aio::duration>("takes"));
    say("block ends");
}

/// Loads a library whose constructor may block.
void load(aio::scheduled_event event) {
    say("load begins");
    ::dlopen(event.option<std::string>("library").c_str(), RTLD_NOW);
    say("load ends");
}

/// Does not let itself be cancelled, which nobody should either.
aio::task<void> stubborn(aio::scheduled_event) {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    say("stubborn begins");
    for (;;)
        co_await aio::sleep(1h);
}

void stops_itself(aio::scheduled_event event) {
    say("stops_itself run={}", event.run());
    event.stop_schedule();
}

void stops_app(aio::scheduled_event event) {
    event.app().stop_soon();
}

void stops_loop(aio::scheduled_event event) {
    event.app().main_loop().stop();
}

void stops_its_loop(aio::scheduled_event) {
    aio::async::loop::here()->stop();
}

void speak(aio::scheduled_event event) {
    const std::string name = event.text("logger").value_or("");
    auto& log = name.empty() ? event.log() : event.app().log(name);
    log.debug("a debug");
    log.info("an info");
    log.warning("a warning");
    log.error("an error");
    if (const auto text = event.text("text"))
        log.info("{}", *text);
    say("spoken");
}

aio::task<void> blocking(aio::scheduled_event event) {
    const auto here = std::this_thread::get_id();
    const bool elsewhere =
        co_await event.app().workers().run([here] { return std::this_thread::get_id() != here; });
    say("blocking ran elsewhere: {}", elsewhere);
}

/// Not by a shell: some shells let all signals in.
void tell_blocked_signals() {
    std::string name = "grep", what = "SigBlk", file = "/proc/self/status";
    char* arguments[] = {name.data(), what.data(), file.data(), nullptr};
    pid_t pid = 0;
    if (::posix_spawnp(&pid, "grep", nullptr, nullptr, arguments, environ) == 0)
        ::waitpid(pid, nullptr, 0);
}

/// Starts programs as blocking work.
aio::task<void> programs(aio::scheduled_event event) {
    co_await event.app().workers().run(tell_blocked_signals);
    co_await event.app().lookups().run(tell_blocked_signals);
    say("programs have ended");
}

/// Fills standard error and waits for somebody to read it.
void fills_pipe(aio::scheduled_event) {
    const std::string line(1000, 'x');
    for (;;)
        fmt::print(stderr, "{}\n", line);
}

aio::task<void> emit(aio::scheduled_event event) {
    const auto begun = std::chrono::steady_clock::now();
    const std::string signal = event.text("signal").value();
    try {
        const auto results =
            co_await event.app().signals().emit(signal, event.text("payload").value());
        std::string all;
        for (const std::any& one : results)
            if (const auto* text = std::any_cast<std::string>(&one))
                all += (all.empty() ? "\"" : ", \"") + *text + "\"";
        const auto took = std::chrono::steady_clock::now() - begun;
        say("emitted results={} [{}] after {}ms",
            results.size(),
            all,
            std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    } catch (const std::exception& e) {
        std::string what = e.what();
        for (char& c : what)
            c = c == '\n' ? ' ' : c;
        say("emit raised {}", what);
        say("emitted with errors");
    }
}

void nothing(const aio::signal::event&) {}

void listening(aio::scheduled_event event) {
    auto& signals = event.app().signals();
    signals.listen("probe-signal", nothing);
    say("listened: {}", signals.listeners("probe-signal"));
    signals.listen("Probe-Signal", nothing);
    say("listened again: {}", signals.listeners("probe-signal"));
    signals.unlisten("probe-signal", nothing);
    say("unlistened: {}", signals.listeners("probe-signal"));
    signals.unlisten("probe-signal", nothing);
    signals.unlisten("never-heard-of", nothing);
    say("unlistened again: {}", signals.listeners("probe-signal"));
    say("listening is done");
}

void wild(const aio::signal::event& event) {
    say("wild {}", event.name());
}

aio::task<void> wildcard(aio::scheduled_event event) {
    auto& signals = event.app().signals();
    signals.listen("server.*", wild);
    for (const char* name : {"server.up", "other", "server.down"})
        co_await signals.emit(name);
    say("wildcard is done");
}

/// What descriptors a program started from here gets.
void child(aio::scheduled_event) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error("pipe");
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(ends[1], 1);
        ::execlp("ls", "ls", "/proc/self/fd", nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    std::string all;
    char part[256];
    for (ssize_t n; (n = ::read(ends[0], part, sizeof part)) > 0;)
        all.append(part, static_cast<std::size_t>(n));
    ::close(ends[0]);
    ::waitpid(pid, nullptr, 0);
    for (char& c : all)
        c = c == '\n' ? ' ' : c;
    say("child sees {}", all);
}

aio::task<void> watches(aio::scheduled_event event) {
    const auto counted = co_await event.app().statistics();
    for (const auto& unit : counted.units) {
        std::string own;
        for (const auto& one : unit.own)
            own += fmt::format(" {}={}", one.name, one.value);
        say("{}: starts={} restarts={}{}", unit.name, unit.starts, unit.restarts, own);
    }
    for (const auto& one : counted.signals)
        say("signal {}: emits={} deliveries={}", one.name, one.emits, one.deliveries);
    for (const auto& one : (co_await event.app().graph()).nodes)
        say("{} is {}", one.name, one.state);
    const std::string tasks = co_await event.app().tasks();
    say("{} lines of tasks", std::count(tasks.begin(), tasks.end(), '\n'));
}

} // namespace

void add_schedules(aio::module_builder& to) {
    to.schedule("tick", tick);
    to.schedule("blocking", blocking);
    to.schedule("programs", programs);
    to.schedule("second_fails", second_fails);
    to.schedule("fails", fails);
    to.callback("result", result);
    to.callback("error", error);
    to.schedule("extra", extra);
    to.schedule("options", options)
        .required<std::string>("token", "what opens the door")
        .secret()
        .option("grace", 5s, "how long to wait")
        .option("colour", aio::choice{"green", {"red", "green"}}, "of the door")
        .option("count", 1, "of doors")
        .option("every2", 1, "nearly a known name, but declared");
    to.schedule("watches", watches);
    to.schedule("slow", slow).option("takes", 1s, "how long a run takes");
    to.schedule("block", block).option("takes", 1s, "how long it blocks");
    to.schedule("load", load).required<std::string>("library", "its path");
    to.schedule("stubborn", stubborn);
    to.schedule("stops_itself", stops_itself);
    to.schedule("stops_app", stops_app);
    to.schedule("stops_loop", stops_loop);
    to.schedule("stops_its_loop", stops_its_loop);
    to.schedule("speak", speak);
    to.schedule("fills_pipe", fills_pipe);
    to.schedule("emit", emit);
    to.schedule("listening", listening);
    to.schedule("wildcard", wildcard);
    to.schedule("child", child);
}

} // namespace probe
