#include <aio/app/app.hpp>
#include <aio/app/standstill.hpp>
#include <aio/async/sleep.hpp>
#include <aio/testing/network.hpp>
#include <aio/testing/run_app.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using app::running_unit;
using app::standstill_text;

namespace {

running_unit unit(std::string awaits, base::duration lasts) {
    running_unit made;
    made.name = "bean/greet";
    async::task_info task;
    task.name = "core";
    task.owner = made.name;
    task.awaits = std::move(awaits);
    task.lasts = lasts;
    made.tasks.push_back(task);
    return made;
}

std::string text_of(const std::vector<running_unit>& units) {
    return standstill_text(units, 5s);
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_standstill)

BOOST_AUTO_TEST_CASE(a_unit_that_waits_for_another_one_is_told_with_what_it_listens_for) {
    running_unit greet = unit("event", 5s);
    greet.listens_for = {"open", "closed"};
    const std::string text = text_of({greet});
    BOOST_TEST(text.find("nothing happens any more") != text.npos);
    BOOST_TEST(text.find("bean/greet: core awaits event for 5.0 s") != text.npos);
    BOOST_TEST(text.find("listens for the signal 'open', 'closed'") != text.npos);
}

BOOST_AUTO_TEST_CASE(nothing_is_told_while_something_may_still_happen) {
    BOOST_TEST(text_of({}) == "");
    BOOST_TEST(text_of({unit("event", 4s)}) == "");
    BOOST_TEST(text_of({unit("sleep", 9s)}) == "");
    BOOST_TEST(text_of({unit("read", 9s)}) == "");
    BOOST_TEST(text_of({unit("event", 9s), unit("sleep", 1s)}) == "");
    running_unit server = unit("event", 9s);
    server.acts_by_itself = true;
    BOOST_TEST(text_of({unit("event", 9s), server}) == "");
    running_unit idle; // a service without tasks, which others may call
    BOOST_TEST(text_of({idle}) == "");
    BOOST_TEST(text_of({idle, unit("event", 9s)}) != "");
}

BOOST_AUTO_TEST_CASE(a_start_that_awaits_a_value_stands) {
    const std::string text = text_of({unit("the value 'nobody'", 9s), unit("its start", 9s)});
    BOOST_TEST(text.find("core awaits the value 'nobody' for 9.0 s") != text.npos);
}

BOOST_AUTO_TEST_CASE(a_start_and_its_caller_are_one_line) {
    running_unit starting = unit("the value 'db'", 9s);
    starting.tasks.push_back(unit("its start", 9s).tasks.front());
    const std::string text = text_of({starting});
    BOOST_TEST(text.find("awaits the value 'db'") != text.npos);
    BOOST_TEST(text.find("its start") == text.npos);
}

BOOST_AUTO_TEST_CASE(a_task_that_no_unit_owns_is_at_work_unless_it_waits_for_others) {
    const std::vector<running_unit> units{unit("event", 9s)};
    const auto told = [&](const char* owner, const char* awaits, base::duration lasts) {
        async::task_info task = unit(awaits, lasts).tasks.front();
        task.owner = owner;
        return standstill_text(units, 5s, std::vector{task});
    };
    BOOST_TEST(told("aio-started", "sleep", 9s) == "");
    BOOST_TEST(told("aio-started", "a foreign operation", 9s) == "");
    BOOST_TEST(told("aio-started", "event", 1s) == "");
    BOOST_TEST(told("signal", "sleep", 9s) == "");
    BOOST_TEST(told("aio", "sleep", 9s) != "");
    BOOST_TEST(told("signal", "emit", 9s) != "");
    BOOST_TEST(told("tree", "sleep", 9s) == "");
    async::task_info report = unit("sleep", 1s).tasks.front();
    report.owner = "tree";
    report.name = "start report";
    BOOST_TEST(standstill_text(units, 5s, std::vector{report}) != "");
    const std::string text = told("aio-started", "the value 'x'", 9s);
    BOOST_TEST(text.find("aio-started: core awaits the value 'x' for 9.0 s") != text.npos);
}

BOOST_AUTO_TEST_CASE(a_listener_that_is_at_work_keeps_the_search_silent) {
    std::string during, later, in_stop;
    testing::run(
        "[aio]\nmodules = aio.examples\n[bean/greet]\ncore = aio.examples.greet\n",
        [&](app::app& app) -> task<void> {
            app.signals().listen("x", [](const signal::event&) -> task<void> {
                co_await sleep(20s);
            });
            app.signals().post("x");
            co_await sleep(10s);
            during = co_await app.standstill(5s);
            co_await sleep(20s);
            later = co_await app.standstill(5s);
            app.stop_soon();
            in_stop = co_await app.standstill(5s);
        },
        testing::virtual_time
    );
    BOOST_TEST(during == "");
    BOOST_TEST(later.find("listens for the signal 'open'") != later.npos);
    BOOST_TEST(in_stop == "");
}

BOOST_AUTO_TEST_CASE(the_pauses_grow_only_once_everything_has_started) {
    app::search_pauses pauses(5s);
    base::duration now{};
    while (now < 80s)
        now += pauses.next(false);
    BOOST_TEST((now == 80s));
    for (const auto expected : {85s, 95s, 115s}) {
        now += pauses.next(true);
        BOOST_TEST((now == expected));
    }
}

BOOST_AUTO_TEST_CASE(a_task_belongs_to_the_nearest_unit_above_its_owner) {
    std::vector<running_unit> units(3);
    units[0].name = "service/app";
    units[1].name = "service/app/web";
    units[2].name = "service/ap";
    std::vector<async::task_info> tasks;
    for (const char* owner :
         {"service/app",
          "service/app/db/pool",
          "service/app/web/1",
          "service/ap",
          "service",
          "",
          "aio"}) {
        async::task_info task;
        task.name = owner;
        task.owner = owner;
        tasks.push_back(task);
    }
    std::string others;
    for (const async::task_info& task : app::add_tasks(units, std::move(tasks)))
        others += "'" + task.name + "' ";
    BOOST_TEST(others == "'service' '' 'aio' ");
    const auto names = [&](std::size_t index) {
        std::string all;
        for (const async::task_info& task : units[index].tasks)
            all += task.name + " ";
        return all;
    };
    BOOST_TEST(names(0) == "service/app service/app/db/pool ");
    BOOST_TEST(names(1) == "service/app/web/1 ");
    BOOST_TEST(names(2) == "service/ap ");
}

BOOST_AUTO_TEST_CASE(ten_thousand_units_and_tasks_are_no_trouble) {
    std::vector<running_unit> units(10'000);
    std::vector<async::task_info> tasks(10'000);
    for (std::size_t i = 0; i < units.size(); ++i) {
        units[i].name = "bean/" + std::to_string(i);
        tasks[i].owner = units[i].name + "/child";
    }
    const auto begun = std::chrono::steady_clock::now();
    app::add_tasks(units, std::move(tasks));
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 2s)); // each with each: a minute
    for (const running_unit& each : units)
        BOOST_REQUIRE(each.tasks.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_bean_alone_that_waits_for_a_signal) {
    std::string text;
    testing::run(
        "[aio]\nmodules = aio.examples\n[bean/greet]\ncore = aio.examples.greet\n",
        [&](app::app& app) -> task<void> {
            co_await sleep(1s);
            BOOST_TEST(co_await app.standstill(5s) == "");
            co_await sleep(5s);
            text = co_await app.standstill(5s);
        },
        testing::virtual_time
    );
    BOOST_TEST(text.find("listens for the signal 'open'") != text.npos);
}

BOOST_AUTO_TEST_CASE(a_client_with_a_protocol_acts_by_itself_and_one_that_is_asked_does_not) {
    const auto told = [](const std::string& client) {
        std::string text;
        testing::network net;
        testing::run(
            "[aio]\nmodules = aio.examples\n[bean/greet]\ncore = aio.examples.greet\n"
            "[client/bank]\naddress = 10.0.0.1\nport = 4000\n" +
                client,
            [&](app::app& app) -> task<void> {
                co_await sleep(7s);
                text = co_await app.standstill(5s);
            },
            testing::virtual_time,
            testing::app_options(net)
        );
        return text;
    };
    BOOST_TEST(told("protocol = aio.examples.ping\nwait_connected = no\n") == "");
    const std::string text = told("");
    BOOST_TEST(text.find("listens for the signal 'open'") != text.npos);
    BOOST_TEST(text.find("client/bank") == text.npos);
}

BOOST_AUTO_TEST_CASE(units_on_other_loops_are_asked_too) {
    const auto told = [](const std::string& sections) {
        std::string early, text;
        testing::simulate(
            "[aio]\nmodules = aio.examples\nloops = 2\n" + sections,
            [&](app::app& app) -> task<void> {
                co_await sleep(1s);
                early = co_await app.standstill(5s);
                co_await sleep(6s);
                text = co_await app.standstill(5s);
            },
            3
        );
        BOOST_TEST(early == "");
        return text;
    };
    const std::string a = "[bean/a]\ncore = aio.examples.greet\n";
    const std::string b = "[bean/b]\ncore = aio.examples.greet\nloop = own\n";
    const std::string c = "[bean/c]\ncore = aio.examples.greet\nloop = 1\n";
    for (const std::string& sections : {b, a + b, b + a + c}) {
        const std::string text = told(sections);
        for (const char* name : {"a", "b", "c"})
            BOOST_TEST(
                (text.find("bean/" + std::string(name) + ": ") != text.npos) ==
                    (sections.find("bean/" + std::string(name) + "]") != sections.npos),
                name << " of " << text
            );
    }
    BOOST_TEST(told(b + "[schedule/s]\nevery = 1h\nfunc = aio.examples.tick\n") == "");
    const std::string server =
        "core = aio.examples.echo_server\naddress = 127.0.0.1\nport = 0\nloop = own\n";
    BOOST_TEST(told("[bean/e]\n" + server) == "");
}

BOOST_AUTO_TEST_SUITE_END()
