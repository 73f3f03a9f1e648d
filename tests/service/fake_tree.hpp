#pragma once

// A tree of fake units under the virtual clock, and a note of everything that happens in it.

#include "../support/noting_app.hpp"

#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/exception.hpp>
#include <aio/service/supervisor.hpp>
#include <aio/service/tree.hpp>
#include <aio/testing/run.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test {

using namespace std::chrono_literals;
namespace service = aio::service;
using aio::task;
using aio::base::duration;

/// What a fake does; changed while it runs to change what it does next.
struct behaviour {
    duration start_takes{0};
    duration stop_takes{0};
    int failing_starts = 0;      ///< as many starts fail
    std::string start_error;     ///< instead of one that names it
    bool refuses_cancel = false; ///< a stop takes its time whatever happens
    bool start_refuses_cancel = false;
    bool ends_by_itself = false;
    bool uses_up_its_restarts = false; ///< by itself, says a start that fails
    std::string stop_error;            ///< what a stop throws at its end; empty: nothing

    behaviour() = default;
};

struct world;

class fake final : public service::unit {
  public:
    fake(service::common_spec common, world& in, behaviour& how)
        : unit(std::move(common)), world_(in), how_(how) {}

    void prepare() override {
        ++prepared;
        keeps_ = keeping::kept;
    }

    task<void> start() override;
    void end_intake() noexcept override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    void expect_restart() noexcept override;

    std::vector<std::string> unfinished() const override {
        if (state() == aio::service::state::starting)
            return {};
        return {"awaits something"};
    }

    bool runs() const noexcept { return runs_; }

    /// Whether it holds something while it is down: from prepare(), or over a stop.
    bool keeps() const noexcept { return keeps_ == keeping::kept; }

    int prepared = 0; ///< calls of prepare(), which may block

  private:
    world& world_;
    behaviour& how_;
    bool started_ = false; ///< at least once
    bool runs_ = false;
    bool cancelled_ = false;

    enum class keeping { nothing, next_stop, kept };
    keeping keeps_ = keeping::nothing;
};

struct world {
    aio::async::loop& at;
    noting_app app{at};
    std::vector<service::supervisor_spec> supervisors;
    std::deque<service::planned> plans;
    std::map<std::string, behaviour> how;
    std::map<std::string, fake*> units;
    std::unique_ptr<service::tree> tree;
    std::vector<std::string> happened;
    std::function<void(const std::string& what, const fake& who)> watch;
    bool failed = false;
    bool finished = false;
    std::uint_fast32_t seed = 1;
    std::optional<duration> stop_timeout = 30s;
    bool forgets_dependencies = false; ///< a bug for tests of tests: the tree is not told of them
    aio::async::time_point began = at.time().now();

    explicit world(aio::async::loop& at_) : at(at_) {}

    service::supervisor_spec& supervise(std::string name, service::strategy by = {}) {
        service::supervisor_spec one;
        one.name = std::move(name);
        one.strategy = by;
        return supervisors.emplace_back(std::move(one));
    }

    /// "server/web" or "server/web after service/db service/c under net".
    service::common_spec& add(const std::string& text) {
        service::planned one;
        std::size_t state = 0;
        std::string word;
        for (std::istringstream in(text); in >> word;) {
            if (word == "after" || word == "under")
                state = word == "after" ? 1 : 2;
            else if (state == 0)
                one.common.section = word;
            else if (state == 1)
                one.common.depends.push_back(word);
            else
                one.common.supervisor = word;
        }
        if (!one.common.supervisor.empty())
            one.common.restart = service::restart::on_failure;
        return plans.emplace_back(std::move(one)).common;
    }

    void make() {
        service::tree_surroundings in(at, app.log("aio"));
        in.bus = &app.bus;
        in.seed = seed;
        in.stop_timeout = stop_timeout;
        in.failed = [this] { failed = true; };
        in.finished = [this] { finished = true; };
        tree = std::make_unique<service::tree>(std::move(in), supervisors);
        for (service::planned& one : plans) {
            one.ends_by_itself = how[one.common.section].ends_by_itself;
            auto made = std::make_unique<fake>(one.common, *this, how[one.common.section]);
            units[one.common.section] = made.get();
            if (forgets_dependencies)
                one.common.depends.clear();
            tree->add(one, at, std::move(made));
        }
        for (const std::string& wrong : tree->prepare())
            throw std::runtime_error(wrong);
    }

    task<void> start() {
        make();
        co_await tree->start();
    }

    task<void> stop(duration within = 30s) {
        service::stop_deadlines by;
        by.end = at.time().now() + within;
        by.cancel = by.end - std::min<duration>(1s, within / 5);
        co_await tree->stop(by);
    }

    void crash(const std::string& name, const std::string& why = "boom") {
        tree->crashed(name, std::make_exception_ptr(std::runtime_error(why)));
    }

    void note(const std::string& what, const fake& unit) {
        if (watch)
            watch(what, unit);
        const std::string& who = unit.name();
        happened.push_back(what + " " + who.substr(who.find('/') + 1));
    }

    /// What has happened since the last time, "up a, up b".
    std::string since() {
        std::string text;
        for (const std::string& one : std::exchange(happened, {}))
            text += (text.empty() ? "" : ", ") + one;
        return text;
    }

    service::state state(const std::string& name) const { return tree->find(name)->state(); }
};

inline task<void> fake::start() {
    world_.note("start", *this);
    started_ = true;
    cancelled_ = false;
    if (how_.start_refuses_cancel)
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
    if (how_.start_takes > 0s)
        co_await aio::sleep(how_.start_takes);
    if (how_.failing_starts > 0) {
        --how_.failing_starts;
        if (how_.uses_up_its_restarts)
            throw service::restarts_used_up("enough");
        throw std::runtime_error(
            how_.start_error.empty() ? name() + " cannot start" : how_.start_error
        );
    }
    runs_ = true;
    world_.note("up", *this);
}

inline void fake::end_intake() noexcept {
    keeps_ = keeping::nothing;
    world_.note("no more", *this);
}

inline void fake::begin_stop() noexcept {
    keeps_ = keeps_ == keeping::next_stop ? keeping::kept : keeping::nothing;
    if (runs_)
        world_.note("stop", *this);
}

inline task<void> fake::wait_stopped() {
    if (!started_)
        co_await aio::sleep(24h); // nobody waits for a unit that has never started
    if (!runs_)
        co_return;
    if (how_.refuses_cancel)
        co_await aio::sleep(how_.stop_takes);
    for (const auto end = world_.at.time().now() + how_.stop_takes;
         !cancelled_ && world_.at.time().now() < end;)
        co_await aio::sleep(10ms);
    runs_ = false;
    world_.note("down", *this);
    if (!how_.stop_error.empty())
        throw std::runtime_error(how_.stop_error);
}

inline void fake::cancel() noexcept {
    world_.note("cancel", *this);
    cancelled_ = true;
}

inline void fake::expect_restart() noexcept {
    keeps_ = keeping::next_stop;
    world_.note("keep", *this);
}

/// Runs `body` in a world of its own in virtual time.
inline void in_world(std::function<task<void>(world&)> body) {
    struct inside {
        static task<void> run(std::function<task<void>(world&)> body) {
            world w(*aio::async::loop::of(co_await boost::asio::this_coro::executor));
            co_await body(w);
            if (w.tree)
                co_await w.stop();
            co_await w.app.bus.posted();
        }
    };

    aio::testing::run(inside::run(std::move(body)), aio::testing::virtual_time);
}

inline std::string text(service::state state) {
    return std::string(service::name(state));
}

inline bool logged(world& w, std::string_view part) {
    return w.app.logged(part) != 0;
}

} // namespace test
