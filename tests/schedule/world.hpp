#pragma once

// Schedules from INI text on a loop under a virtual clock, with an app that only notes what it is
// told.

#include "../async/run.hpp"
#include "../support/noting_app.hpp"
#include "../support/planning.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/text.hpp>
#include <aio/config/load.hpp>
#include <aio/module/registry.hpp>
#include <aio/schedule/kind.hpp>
#include <aio/schedule/registration.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace test {

class world final : public aio::schedule::declares {
  public:
    using duration = aio::base::duration;

    explicit world(aio::async::wall_point date = aio::async::wall_point(std::chrono::days(20000)))
        : time(aio::async::virtual_clock::moves::alone, date), at("main", 0, time), app(at) {}

    ~world() { services.clear(); }

    /// Reads and plans; what was wrong, rendered.
    std::string plan(std::string text) {
        return plan_sections(
            app,
            registry,
            "schedule",
            std::move(text),
            [this](const auto& section, auto& with) {
                if (auto made = aio::schedule::kind().plan(section, with))
                    planned.push_back(std::move(*made));
            }
        );
    }

    aio::task<void> start() {
        begun = time.now();
        for (const auto& one : planned)
            services.push_back(one.make(app, at));
        for (const auto& one : services)
            co_await one->start();
    }

    aio::task<void> stop() {
        for (const auto& one : services)
            one->begin_stop();
        for (const auto& one : services)
            co_await one->wait_stopped();
    }

    /// Plans, starts, waits, stops.
    void run(std::string text, duration how_long) {
        const std::string wrong = plan(std::move(text));
        BOOST_REQUIRE_MESSAGE(wrong.empty(), wrong);
        test::run(at, [this, how_long]() -> aio::task<void> {
            co_await start();
            co_await aio::async::sleep(how_long);
            co_await stop();
        });
    }

    /// Since start().
    duration now() const { return time.now() - begun; }

    void note(std::string_view what = {}) {
        noted.push_back(
            fmt::format("{}{}{}", aio::base::format(now()), what.empty() ? "" : " ", what)
        );
    }

    std::string notes() const { return aio::base::join(noted, ", "); }

    std::size_t logged(std::string_view part) const { return app.logged(part); }

    aio::async::virtual_clock time;
    aio::async::loop at;
    noting_app app;
    aio::module::registry registry;
    std::vector<aio::service::planned> planned;
    std::vector<std::unique_ptr<aio::service::unit>> services;
    std::vector<std::string> noted;
    aio::async::time_point begun{};

  private:
    aio::module::registrar& registrar() noexcept override { return registrar_; }

    aio::module::registrar registrar_{registry, "m"};
};

} // namespace test
