// Random apps, stopped at any moment: right order, nothing left, the right outcome.

#include "random_app.hpp"

#include <aio/app/app.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/service/unit.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

using namespace aio;
using namespace test;

namespace {

struct life {
    async::loop& at;
    drawn_app drawn;
    testing::captured_log log;
    std::unique_ptr<app::app> application;
    std::set<std::string> up;      ///< started and not down yet
    std::set<std::string> crashed; ///< of themselves, before the stop
    std::set<std::string> alone;   ///< stop because of a crash, whoever depends on them
    std::vector<std::string> happened;
    std::vector<std::string> wrong;
    async::time_point stop_begun{};
    bool stopping = false;
    bool started = false;
    bool refused = false; ///< the start failed

    life(async::loop& at_, std::uint64_t seed) : at(at_), drawn(seed) {}

    template <typename... Args>
    void expect(bool right, fmt::format_string<Args...> otherwise, Args&&... args) {
        if (!right)
            wrong.push_back(fmt::format(otherwise, std::forward<Args>(args)...));
    }

    /// Somebody hangs in his stop, whatever is done.
    bool stubborn() const {
        return std::ranges::any_of(drawn.units, [](const auto& one) {
            return one.second.stubborn;
        });
    }

    void look(const std::string& note);
    void look_at_start(const std::string& name);
    task<void> start();
    task<void> run();
    void check_end(app::outcome end, base::duration took);
};

void life::look_at_start(const std::string& name) {
    expect(!up.contains(name), "{} started twice", name);
    for (const std::string& before : drawn.units[name].depends) {
        using enum service::state;
        const auto now = application->find(before)->state();
        expect(
            now != init && now != starting,
            "{} before {}, which is {}",
            name,
            before,
            service::name(now)
        );
        if (now == running && drawn.units[before].tells)
            expect(up.contains(before), "{} before {}, which is not up", name, before);
    }
}

/// Told by the services themselves, when it happens.
void life::look(const std::string& note) {
    happened.push_back(note);
    const std::string what = note.substr(0, note.find(' '));
    const std::string name = note.substr(what.size() + 1);
    if (what == "start")
        look_at_start(name);
    if (what == "up")
        up.insert(name);
    if (what == "crash" || what == "keep")
        alone.insert(name);
    if (what == "crash" && !stopping)
        crashed.insert(name);
    // A start that is cancelled has no turn; nobody has one when time is up because another hangs.
    const bool late = stubborn() && stopping && at.time().now() - stop_begun > 2s;
    const bool in_turn = up.contains(name) && !alone.contains(name) && !late;
    if (what == "stop" && stopping && in_turn && !log.has("all stop with it"))
        for (const std::string& other : drawn.units[name].dependents)
            expect(
                !up.contains(other) || drawn.units[other].stubborn,
                "{} stops before its dependent {}",
                name,
                other
            );
    if (what == "start")
        alone.erase(name);
    if (what == "down")
        up.erase(name);
}

task<void> life::start() {
    try {
        co_await application->start();
        started = true;
    } catch (const app::start_failed&) {
        refused = true;
    }
}

task<void> life::run() {
    co_await sleep(0s); // what runs this has suspended
    const std::size_t tasks = at.snapshot().size();
    application = std::make_unique<app::app>(app::configure(drawn.text));
    log.attach(application->logs());
    application->values().set(
        "recorder",
        std::function<void(const std::string&)>([this](const std::string& note) { look(note); })
    );
    async::task_group group(at, "test");
    group.spawn("start", start());
    const auto life_time = drawn.in(3) ? drawn.up_to(500) : drawn.up_to(15000);
    co_await sleep(life_time);
    stopping = true;
    stop_begun = at.time().now();
    application->stop_soon();
    group.cancel();
    co_await group.join();
    const app::outcome end = co_await application->stop();
    check_end(end, at.time().now() - stop_begun);
    co_await sleep(1h);
    expect(up.empty(), "{} is up at the end", up.empty() ? "" : *up.begin());
    application.reset();
    expect(at.snapshot().size() == tasks, "{} tasks, {} at first", at.snapshot().size(), tasks);
}

void life::check_end(app::outcome end, base::duration took) {
    const bool hangs = stubborn();
    expect(refused || took <= 30s, "the stop took {}", base::format(took));
    expect(hangs || end != app::outcome::unfinished, "unfinished");
    for (const auto& [name, one] : drawn.units) {
        const bool fails = one.alone && crashed.contains(name);
        expect(!fails || end != app::outcome::clean, "clean, but {} has crashed", name);
        if (hangs)
            continue;
        using enum service::state;
        const auto now = application->find(name)->state();
        expect(
            now == stopped || now == given_up || now == init || now == service::state::crashed,
            "{} is {}",
            name,
            service::name(now)
        );
    }
    const bool said = log.count(log::level::critical) > 0 || refused || // or goes on without it
                      log.has("it stays stopped") || log.has("all stop with it") ||
                      log.has("crashed while it was stopping");
    if (end == app::outcome::cut_short)
        expect(!application->cut_off_hooks().empty(), "cut short, and nobody said what");
    else
        expect(hangs || said || end == app::outcome::clean, "crashed, and nobody said of what");
}

task<void> one_life(std::vector<std::string>* happened) {
    async::loop& at = *async::loop::of(co_await boost::asio::this_coro::executor);
    life one(at, dynamic_cast<const async::virtual_clock&>(at.time()).seed());
    co_await one.run();
    if (happened)
        *happened = one.happened;
    if (!one.wrong.empty())
        throw std::runtime_error(
            fmt::format("{} ({} things are wrong)", one.wrong.front(), one.wrong.size())
        );
}

std::vector<std::string> run_of(std::uint64_t seed) {
    std::vector<std::string> happened;
    async::virtual_clock time(seed); // whatever AIO_SEED says
    testing::run(one_life(&happened), time);
    return happened;
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_random)

BOOST_AUTO_TEST_CASE(the_order_is_right_and_nothing_is_left_whatever_happens) {
    testing::simulate([] { return one_life(nullptr); }, 200);
}

BOOST_AUTO_TEST_CASE(the_same_seed_is_the_same_life) {
    std::set<std::vector<std::string>> different;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto one = run_of(seed);
        BOOST_TEST(one == run_of(seed), boost::test_tools::per_element());
        different.insert(one);
    }
    BOOST_TEST(different.size() > 10u);
}

BOOST_AUTO_TEST_SUITE_END()
