// Random trees, random crashes, a stop at any moment: what must hold in all of them.

#include "fake_tree.hpp"

#include <aio/async/virtual_clock.hpp>
#include <aio/testing/case.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

using namespace test;
using service::strategy;

namespace {

struct chance {
    std::mt19937 random;

    explicit chance(unsigned seed) : random(seed) {}

    int below(int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); }

    bool in(int of) { return below(of) == 0; }

    duration up_to(duration most) { return duration(random() % (most.count() + 1)); }
};

constexpr strategy strategies[] = {
    strategy::one_for_one,
    strategy::one_for_all,
    strategy::rest_for_one,
    strategy::forfeit_one,
    strategy::forfeit_all
};

void add_supervisors(world& w, chance& c) {
    const int count = c.below(4);
    for (int i = 0; i < count; ++i) {
        auto& one = w.supervise(fmt::format("s{}", i), strategies[c.below(5)]);
        one.max_restarts = static_cast<std::size_t>(c.below(6));
        one.over = 1s + c.up_to(10s);
        one.backoff = 1ms + c.up_to(2s);
        if (i > 0 && c.in(2))
            one.supervisor = fmt::format("s{}", c.below(i));
    }
}

void add_units(world& w, chance& c) {
    const int count = 1 + c.below(25);
    const int supervisors = static_cast<int>(w.supervisors.size());
    for (int i = 0; i < count; ++i) {
        const std::string name = fmt::format("x/{}", i);
        auto& one = w.add(name);
        for (int k = c.below(4); k > 0 && i > 0; --k)
            one.depends.push_back(fmt::format("x/{}", c.in(3) ? i - 1 : c.below(i)));
        if (supervisors > 0 && !c.in(3)) {
            one.supervisor = fmt::format("s{}", c.below(supervisors));
            one.restart = service::restart::on_failure;
        }
        if (c.in(4))
            one.restart = static_cast<service::restart>(c.below(3));
        if (c.in(6))
            one.start_timeout = 1ms + c.up_to(500ms);
        if (c.in(6))
            one.stop_timeout = c.up_to(500ms);
        behaviour& how = w.how[name];
        how.start_takes = c.in(2) ? 0s : c.up_to(400ms);
        how.stop_takes = c.in(2) ? 0s : c.up_to(700ms);
        how.failing_starts = c.in(10) ? c.below(3) : 0;
    }
}

/// Every start and stop is looked at when it happens.
void check(world& w, const std::string& what, const fake& who, bool stopping) {
    if (what == "start") {
        BOOST_TEST(!who.runs());
        BOOST_TEST(!stopping);
        BOOST_TEST(!w.failed);
        for (const std::string& name : who.common().depends) {
            const fake& before = *w.units[name];
            const bool gone = before.state() == service::state::given_up ||
                              before.state() == service::state::stopped ||
                              before.state() == service::state::stopping;
            BOOST_TEST(
                (before.runs() || gone),
                who.name() << " started before " << name << ", " << service::name(before.state())
            );
        }
    } else if (what == "stop" && stopping) {
        for (const auto& [name, other] : w.units)
            for (const std::string& before : other->common().depends)
                if (before == who.name())
                    BOOST_TEST(
                        !other->runs(), who.name() << " stopped before its dependent " << name
                    );
    }
}

task<void> live(world& w, chance& c, std::set<std::string>& crashed) {
    for (int i = c.below(30); i > 0; --i) {
        co_await aio::sleep(c.up_to(c.in(3) ? 3s : 200ms));
        const std::string name = fmt::format("x/{}", c.below(static_cast<int>(w.units.size())));
        if (c.in(8)) {
            w.tree->ended(name);
        } else {
            w.crash(name);
        }
        crashed.insert(name);
    }
}

void check_end(world& w, duration took, const std::set<std::string>& touched) {
    BOOST_TEST((took <= 60s));
    BOOST_TEST(w.tree->unfinished().empty());
    for (const auto& [name, one] : w.units) {
        BOOST_TEST(!one->runs(), name << " runs");
        const auto state = one->state();
        BOOST_TEST(
            (state == service::state::stopped || state == service::state::given_up ||
             state == service::state::init || state == service::state::crashed),
            name << " is " << service::name(state)
        );
    }
    if (!w.supervisors.empty())
        return;
    // Each is alone: who was left alone was started once at most.
    for (const auto& one : w.happened)
        if (one.starts_with("up ") && !touched.contains("x/" + one.substr(3)))
            BOOST_TEST(std::ranges::count(w.happened, one) == 1);
}

task<void> one_life(world& w, chance& c) {
    add_supervisors(w, c);
    add_units(w, c);
    w.seed = c.random();
    bool stopping = false;
    w.watch = [&](const std::string& what, const fake& who) { check(w, what, who, stopping); };
    w.make();
    std::set<std::string> touched;
    aio::async::task_group group(w.at, {}, [](std::string_view, std::exception_ptr) {});
    group.spawn("start", w.tree->start());
    group.spawn("crashes", live(w, c, touched));
    co_await aio::sleep(c.in(3) ? c.up_to(500ms) : c.up_to(20s));
    stopping = true;
    const auto begin = w.at.time().now();
    co_await w.stop(60s);
    const duration took = w.at.time().now() - begin;
    group.cancel();
    co_await group.join();
    co_await aio::sleep(1h); // nothing wakes up later
    for (const auto& [name, one] : w.how)
        if (one.failing_starts != 0 || w.units[name]->common().start_timeout)
            touched.insert(name);
    check_end(w, took, touched);
}

} // namespace

BOOST_AUTO_TEST_SUITE(tree_random)

AIO_SIMULATED_TEST_CASE(the_order_is_right_and_nothing_is_left_whatever_happens, 400) {
    world w(*aio::async::loop::of(co_await boost::asio::this_coro::executor));
    const auto& time = dynamic_cast<const aio::async::virtual_clock&>(w.at.time());
    chance c(static_cast<unsigned>(time.seed()));
    co_await one_life(w, c);
    co_await w.app.bus.posted();
}

BOOST_AUTO_TEST_SUITE_END()
