#pragma once

// A pod from INI text on a loop under a virtual clock.

#include "../async/run.hpp"
#include "../support/noting_app.hpp"
#include "../support/planning.hpp"

#include <aio/async/sleep.hpp>
#include <aio/base/text.hpp>
#include <aio/bean/kind.hpp>
#include <aio/bean/registration.hpp>
#include <aio/config/load.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test {

using namespace std::chrono_literals;
using aio::task;

class pods final : public aio::bean::declares {
  public:
    pods() = default;

    /// Ready work in the order of these dice.
    explicit pods(std::uint64_t seed) : time(seed) {}

    std::string plan(std::string text) {
        return plan_sections(
            app,
            registry,
            "bean",
            std::move(text),
            [this](const auto& section, auto& with) {
                if (auto made = aio::bean::kind().plan(section, with))
                    planned.push_back(std::move(*made));
            }
        );
    }

    /// Plans, starts, calls `f`, stops.
    template <typename F>
    void run(std::string text, F f) {
        const std::string wrong = plan(std::move(text));
        BOOST_REQUIRE_MESSAGE(wrong.empty(), wrong);
        test::run(at, [this, &f]() -> task<void> {
            for (const auto& one : planned)
                beans.push_back(one.make(app, at));
            for (const auto& one : beans)
                co_await one->start();
            co_await f();
            for (const auto& one : beans)
                one->begin_stop();
            for (const auto& one : beans)
                co_await one->wait_stopped();
            for (const auto& one : beans)
                BOOST_TEST(one->unfinished().empty());
        });
    }

    task<void> all_ended() {
        for (const auto& one : beans)
            co_await one->wait_stopped();
    }

    std::string notes() { return aio::base::join(std::exchange(noted, {}), ", "); }

    void note(std::string what) { noted.push_back(std::move(what)); }

    aio::async::virtual_clock time{};
    aio::async::loop at{"main", 0, time};
    noting_app app{at};
    aio::module::registry registry;
    std::vector<aio::service::planned> planned;
    std::vector<std::unique_ptr<aio::service::unit>> beans;
    std::vector<std::string> noted;

  private:
    aio::module::registrar& registrar() noexcept override { return registrar_; }

    aio::module::registrar registrar_{registry, "m"};
};

} // namespace test
