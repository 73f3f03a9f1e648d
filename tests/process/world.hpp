#pragma once

// Processes from INI text on a real loop, with an app that only notes what it is told. Their end
// is waited for by looking again and again, for as long as a slow machine may need.

#include "../async/run.hpp"
#include "../support/noting_app.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/text.hpp>
#include <aio/config/load.hpp>
#include <aio/process/kind.hpp>
#include <aio/process/process.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/types.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

class world {
  public:
    world() = default;

    explicit world(aio::async::virtual_clock& time) : at("main", 0, time) {}

    /// Plans the section [process/x] of these options; what was wrong, rendered.
    std::string plan(const std::string& options) {
        aio::config::inputs in;
        in.files.emplace_back("t.conf", "[process/x]\n" + options);
        app.tree = aio::config::merge(in);
        aio::base::diagnostics wrong;
        made.reset();
        made = make_at(at, wrong);
        return aio::base::render(wrong);
    }

    /// The section that was planned, on a loop; nothing when it is wrong.
    std::unique_ptr<aio::service::unit>
    make_at(aio::async::loop& home, aio::base::diagnostics& wrong) {
        aio::service::planning with;
        with.problems = &wrong;
        auto planned = aio::process::kind().plan(*app.tree.find("process/x"), with);
        return planned ? planned->make(app, home) : nullptr;
    }

    aio::process::process& it() { return dynamic_cast<aio::process::process&>(*made); }

    /// Plans, and runs a test on the loop.
    void run(const std::string& options, std::function<aio::task<void>()> test) {
        const std::string wrong = plan(options);
        BOOST_REQUIRE_MESSAGE(made, wrong);
        test::run(at, std::move(test));
    }

    /// The unit told to stop, and ended.
    aio::task<void> stop() {
        it().begin_stop();
        co_await it().wait_stopped();
    }

    aio::task<void> until(std::function<bool()> what) {
        for (int i = 0; i < 30'000 && !what(); ++i)
            co_await aio::sleep(std::chrono::milliseconds(1));
        if (!what())
            throw std::runtime_error("did not happen in time; the log:\n" + log());
    }

    aio::task<void> until_logged(std::string part, std::size_t times = 1) {
        co_await until([this, part, times] { return app.logged(part) >= times; });
    }

    std::string log() const { return aio::base::join(app.lines, "\n"); }

    pid_t pid() { return it().pids().at(0); }

    aio::async::loop at;
    noting_app app{at};
    std::unique_ptr<aio::service::unit> made;
};

/// A zombie counts: it was not waited for.
inline bool exists(pid_t pid) {
    return ::kill(pid, 0) == 0 || errno == EPERM;
}

/// A zombie does not count.
inline bool runs(pid_t pid) {
    std::ifstream from("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(from, text);
    const std::size_t name_end = text.rfind(") ");
    return name_end != text.npos && text[name_end + 2] != 'Z' && text[name_end + 2] != 'X';
}

} // namespace test
