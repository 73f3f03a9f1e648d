// Random trees, random crashes, a stop at any moment: what must hold in all of them.

#include "random_tree.hpp"

#include <aio/async/virtual_clock.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <map>
#include <set>

using namespace test;

namespace {

/// One life of a tree, and what was wrong in it.
struct life {
    world w;
    chance c;
    std::set<std::string> touched; ///< crashed, ended or may fail by itself
    std::set<std::string> crashed; ///< as the tree said, before the stop
    std::map<std::string, std::vector<const fake*>> dependents;
    bool stopping = false;
    std::vector<std::string> wrong;

    life(aio::async::loop& home, std::uint64_t seed) : w(home), c(static_cast<unsigned>(seed)) {}

    template <typename... Args>
    void expect(bool right, fmt::format_string<Args...> otherwise, Args&&... args) {
        if (!right)
            wrong.push_back(fmt::format(otherwise, std::forward<Args>(args)...));
    }

    void make();
    void look(const std::string& what, const fake& who);
    void look_at_start(const fake& who);
    std::set<const fake*> all_dependents(const std::string& of) const;
    task<void> trouble();
    task<void> run();
    void check_end(duration took);
    void check_status();
};

bool hangs(const world& w, const std::string& name) {
    return w.how.at(name).refuses_cancel || w.how.at(name).start_refuses_cancel;
}

void life::make() {
    draw_tree(w, c);
    w.seed = c.random();
    w.stop_timeout = c.in(3) ? 1s + c.up_to(5s) : 30s;
    w.watch = [this](const std::string& what, const fake& who) { look(what, who); };
    w.app.bus.listen("service-crashed", [this](const aio::signal::event& what) {
        crashed.insert(what.data<std::string>());
    });
    w.make();
    for (const auto& [name, one] : w.units)
        for (const std::string& before : one->common().depends)
            dependents[before].push_back(one);
    for (const auto& [name, how] : w.how)
        if (how.failing_starts != 0 || w.units[name]->common().start_timeout)
            touched.insert(name);
}

void life::look_at_start(const fake& who) {
    expect(!who.runs(), "{} started twice", who.name());
    expect(!stopping, "{} started in the stop", who.name());
    expect(!w.failed, "{} started after the tree had failed", who.name());
    for (const std::string& name : who.common().depends) {
        const auto& before = dynamic_cast<const fake&>(*w.tree->find(name));
        using enum service::state;
        const auto now = before.state();
        const bool gone = now == given_up || now == stopped || now == stopping;
        expect(
            (before.runs() && now == running) || gone || hangs(w, before.name()),
            "{} started before {}, which is {}",
            who.name(),
            name,
            service::name(now)
        );
    }
}

/// However far, and whether those in between run or not.
std::set<const fake*> life::all_dependents(const std::string& name) const {
    std::set<const fake*> all;
    std::vector<std::string> left{name};
    while (!left.empty()) {
        const auto found = dependents.find(left.back());
        left.pop_back();
        if (found == dependents.end())
            continue;
        for (const fake* dependent : found->second)
            if (all.insert(dependent).second)
                left.push_back(dependent->name());
    }
    return all;
}

/// Every start and stop is looked at when it happens.
void life::look(const std::string& what, const fake& who) {
    if (what == "start")
        look_at_start(who);
    else if (what == "stop" && stopping)
        for (const fake* other : all_dependents(who.name()))
            expect(
                !other->runs() || hangs(w, other->name()),
                "{} stopped before its dependent {}",
                who.name(),
                other->name()
            );
}

/// Crashes and ends at random, more of them in a larger tree.
task<void> life::trouble() {
    const int most = 10 + static_cast<int>(w.units.size()) / 4;
    for (int i = c.below(most); i > 0; --i) {
        co_await aio::sleep(c.up_to(c.in(3) ? 3s : 200ms));
        const auto which = std::next(w.units.begin(), c.below(static_cast<int>(w.units.size())));
        touched.insert(which->first);
        if (c.in(8))
            w.tree->ended(which->first);
        else
            w.crash(which->first);
    }
}

task<void> life::run() {
    co_await aio::sleep(0s); // what runs this has suspended
    const std::size_t tasks = w.at.snapshot().size();
    make();
    aio::async::task_group group(w.at, {}, [](std::string_view, std::exception_ptr) {});
    group.spawn("start", w.tree->start());
    group.spawn("trouble", trouble());
    co_await aio::sleep(c.in(3) ? c.up_to(500ms) : c.up_to(20s));
    co_await w.app.bus.posted();
    stopping = true;
    const auto begin = w.at.time().now();
    check_status();
    co_await w.stop(60s);
    const duration took = w.at.time().now() - begin;
    group.cancel();
    co_await group.join();
    check_end(took);
    co_await aio::sleep(1h); // nothing wakes up later, and who hung has ended
    for (const auto& [name, one] : w.units)
        expect(!one->runs(), "{} runs at the end", name);
    co_await w.app.bus.drained();
    expect(w.at.snapshot().size() == tasks, "{} tasks, {} at first", w.at.snapshot().size(), tasks);
}

void life::check_end(duration took) {
    expect(took <= 60s, "the stop took {}", aio::base::format(took));
    for (const auto* one : w.tree->unfinished())
        expect(hangs(w, one->name()), "{} is unfinished", one->name());
    for (const auto& [name, one] : w.units) {
        if (hangs(w, name))
            continue;
        using enum service::state;
        const auto now = one->state();
        expect(!one->runs(), "{} runs", name);
        expect(
            now == stopped || now == given_up || now == init || now == service::state::crashed,
            "{} is {}",
            name,
            service::name(now)
        );
    }
    if (!w.supervisors.empty())
        return;
    // Each is alone: who was left alone was started once at most.
    for (const auto& one : w.happened)
        if (one.starts_with("up ") && !touched.contains("x/" + one.substr(3)))
            expect(std::ranges::count(w.happened, one) == 1, "{} more than once", one);
}

/// Right before the stop: a crash that nobody handles fails the tree, and nothing else does.
void life::check_status() {
    bool may = false;
    for (const std::string& name : crashed) {
        const fate what = hangs(w, name) ? fate::depends : fate_of(w, w.units.at(name)->common());
        const bool in_place = name.find("instead") != name.npos;
        may |= what != fate::handled || in_place;
        if ((what == fate::fails || what == fate::lost) && !in_place)
            expect(w.tree->has_failed(), "the crash of {} is no failure", name);
    }
    for (const auto& [name, how] :
         w.how) // who hangs cannot start again, an end may count as a crash
        may |= hangs(w, name) || w.units.at(name)->common().restart == service::restart::always;
    expect(may || !w.tree->has_failed(), "failed though every crash was handled");
    expect(w.failed == w.tree->has_given_up(), "the failure was not told");
}

task<void> one_life(bool forgetful, std::vector<std::string>* happened) {
    aio::async::loop& at = *aio::async::loop::of(co_await boost::asio::this_coro::executor);
    life one(at, dynamic_cast<const aio::async::virtual_clock&>(at.time()).seed());
    one.w.forgets_dependencies = forgetful;
    co_await one.run();
    if (happened)
        *happened = one.w.happened;
    if (!one.wrong.empty())
        throw std::runtime_error(
            fmt::format("{} ({} things are wrong)", one.wrong.front(), one.wrong.size())
        );
}

/// What a tree does that has a bug, until it is found: the message, and what happened.
std::pair<std::string, std::vector<std::string>> found(std::string seed) {
    if (!seed.empty())
        ::setenv("AIO_SEED", seed.c_str(), 1);
    std::pair<std::string, std::vector<std::string>> all;
    try {
        aio::testing::simulate([&] { return one_life(true, &all.second); }, 100);
    } catch (const aio::testing::seed_failed& e) {
        all.first = e.what();
    }
    if (!seed.empty())
        ::unsetenv("AIO_SEED");
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(tree_random)

BOOST_AUTO_TEST_CASE(the_order_is_right_and_nothing_is_left_whatever_happens) {
    aio::testing::simulate([] { return one_life(false, nullptr); }, 400);
}

BOOST_AUTO_TEST_CASE(a_planted_bug_is_found_and_its_seed_replays_it_exactly) {
    if (std::getenv("AIO_SEED"))
        return;
    const auto [message, happened] = found("");
    BOOST_TEST_REQUIRE(message.find(" started before x/") != message.npos, message);
    BOOST_TEST(!happened.empty());
    const std::string seed = message.substr(5, message.find(' ', 5) - 5);
    BOOST_TEST(message.starts_with("seed " + seed + " fails (AIO_SEED=" + seed + " runs it alone)")
    );
    for (int i = 0; i < 2; ++i) {
        const auto [again, same] = found(seed);
        BOOST_TEST(again == message);
        BOOST_TEST(same == happened, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
