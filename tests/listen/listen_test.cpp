#include "../async/run.hpp"
#include "../support/noting_app.hpp"
#include "../support/planning.hpp"

#include <aio/async/sleep.hpp>
#include <aio/base/text.hpp>
#include <aio/config/load.hpp>
#include <aio/listen/registration.hpp>
#include <aio/listen/spec.hpp>
#include <aio/listen/subscriptions.hpp>
#include <aio/signal/bus.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio;
using namespace std::chrono_literals;
using listen::signal_event;

namespace {

// Sections [listen/*] on the bus of an app under a virtual clock.
class world final : public listen::declares {
  public:
    /// What was wrong, rendered.
    std::string plan(std::string text) {
        return test::plan_sections(
            app,
            registry,
            "listen",
            std::move(text),
            [this](const auto& section, auto& with) {
                specs.push_back(listen::read_spec(section, with));
            }
        );
    }

    /// What is wrong between the sections that were planned, rendered.
    std::string check() const {
        base::diagnostics problems;
        listen::check(specs, problems);
        return base::render(problems);
    }

    /// Plans, subscribes and runs `body`.
    template <typename F>
    void run(std::string text, F body) {
        const std::string wrong = plan(std::move(text));
        BOOST_REQUIRE_MESSAGE(wrong.empty(), wrong);
        subscriptions.begin(specs);
        test::run(at, body);
    }

    std::string notes() const { return base::join(noted, ", "); }

    async::virtual_clock time;
    async::loop at{"main", 0, time};
    test::noting_app app{at};
    module::registry registry;
    std::vector<listen::spec> specs;
    listen::subscriptions subscriptions{app};
    base::list noted;

  private:
    module::registrar& registrar() noexcept override { return registrar_; }

    module::registrar registrar_{registry, "m"};
};

// A listener that notes what it heard.
auto note_of(world& w, std::string name) {
    return [&w, name](signal_event e) { w.noted.push_back(name + ":" + e.data<std::string>()); };
}

} // namespace

BOOST_AUTO_TEST_SUITE(listeners)

BOOST_AUTO_TEST_CASE(case_57_a_listener_of_the_configuration_hears) {
    world w;
    w.listener("print", [&](signal_event e) -> task<void> {
        e.log().info("Listener received: {}", e.data<std::string>());
        BOOST_TEST(e.name() == "test-signal");
        BOOST_TEST(e.emitter() == "me");
        BOOST_TEST(e.section() == "listen/testlistener");
        BOOST_TEST(&e.app() == &w.app);
        co_return;
    });
    w.run("[listen/testlistener]\ntest-signal = m.print\n", [&]() -> task<void> {
        co_await w.app.bus.emit("test-signal", std::string{"BOOM!"}, "me");
    });
    BOOST_TEST(w.app.logged("INFO m Listener received: BOOM!") == 1u);
}

BOOST_AUTO_TEST_CASE(case_58_several_functions_of_one_signal_in_order) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.listener("b", note_of(w, "b"));
    w.run("[listen/x]\none = m.b\n  m.a\ntwo =\n  m.a\n  m.b\n", [&]() -> task<void> {
        co_await w.app.bus.emit("one", std::string{"1"});
        co_await w.app.bus.emit("two", std::string{"2"});
    });
    BOOST_TEST(w.notes() == "b:1, a:1, a:2, b:2");
}

BOOST_AUTO_TEST_CASE(case_59_the_same_function_in_several_sections) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.run("[listen/x]\none = m.a\n[listen/y]\ntwo = m.a\none = m.a\n", [&]() -> task<void> {
        co_await w.app.bus.emit("one", std::string{"1"});
        co_await w.app.bus.emit("two", std::string{"2"});
    });
    BOOST_TEST(w.notes() == "a:1, a:2");
}

BOOST_AUTO_TEST_CASE(the_same_pair_in_sections_that_differ_is_an_error_with_both_places) {
    struct row {
        const char* first;
        const char* second;
        const char* differs;
    };

    for (const row& each : {
             row{"", "queue = 5\n", "queue"},
             row{"queue = 5\n", "", "queue"},
             row{"queue = 5\n", "queue = 6\n", "queue"},
             row{"queue = 5\n", "queue = 5\nqueue_policy = drop_oldest\n", "queue_policy"},
             row{"", "grace = 2s\n", "grace"},
             row{"grace = 1s\n", "grace = 2s\n", "grace"},
             row{"queue = 5\n", "queue = 05\n", nullptr},
             row{"grace = 1s\n", "grace = 1000ms\n", nullptr},
             row{"", "grace = 5s\n", nullptr}, // the default
         }) {
        world w;
        w.listener("a", note_of(w, "a")).option("grace", 5s);
        const std::string text = "[listen/x]\none = m.a\n" + std::string(each.first) +
                                 "[listen/y]\nOne = m.a\n" + each.second;
        BOOST_TEST(w.plan(text) == "", text);
        const std::string said = w.check();
        if (!each.differs) {
            BOOST_TEST(said == "", text);
            continue;
        }
        BOOST_TEST(
            said.find(
                "[listen/y] one: m.a already listens to this signal in [listen/x] (t.conf:2:7), "
                "with another '" +
                std::string(each.differs) + "'"
            ) != said.npos,
            said
        );
        BOOST_TEST(said.find("One = m.a") != said.npos, said); // the line of the second
    }
}

BOOST_AUTO_TEST_CASE(two_names_of_one_function_are_the_same_function) {
    world w;
    const auto same = [] {};
    w.listener("a", same);
    w.listener("b", same);
    BOOST_TEST(w.plan("[listen/x]\none = m.a\n[listen/y]\none = m.b\nqueue = 1\n") == "");
    BOOST_TEST(w.check().find("[listen/y] one: m.b already listens") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_signal_or_function_is_another_subscription) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.listener("b", note_of(w, "b"));
    BOOST_TEST(
        w.plan("[listen/x]\none = m.a\n[listen/y]\ntwo = m.a\none = m.b\nqueue = 1\n") == ""
    );
    BOOST_TEST(w.check() == "");
}

BOOST_AUTO_TEST_CASE(each_section_that_names_a_pair_is_a_label_of_it) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.run("[listen/x]\none = m.a\n[listen/y]\none = m.a\n", [&]() -> task<void> {
        for (const char* label : {"x", "y", "z"})
            co_await w.app.bus.emit_to(label, "one", std::string{label});
    });
    BOOST_TEST(w.notes() == "a:x, a:y");
}

BOOST_AUTO_TEST_CASE(case_61_the_same_pair_twice_is_called_once) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.run("[listen/x]\none = m.a\n  m.a\n", [&]() -> task<void> {
        co_await w.app.bus.emit("one", std::string{"1"});
    });
    BOOST_TEST(w.notes() == "a:1");
}

BOOST_AUTO_TEST_CASE(case_63_emit_waits_and_collects) {
    world w;
    w.listener("slow", [](signal_event) -> task<std::string> {
        co_await async::sleep(2s);
        co_return "done";
    });
    w.run("[listen/x]\none = m.slow\n", [&]() -> task<void> {
        const auto begin = w.time.now();
        const auto results = co_await w.app.bus.emit("one");
        BOOST_TEST((w.time.now() - begin == 2s));
        BOOST_REQUIRE(results.size() == 1u);
        BOOST_TEST(std::any_cast<std::string>(results[0]) == "done");
    });
}

BOOST_AUTO_TEST_CASE(case_66_one_raises_the_others_run_and_it_is_logged) {
    world w;
    w.listener("bad", [](signal_event) { throw std::runtime_error("bad luck"); });
    w.listener("a", note_of(w, "a"));
    w.run("[listen/x]\none = m.bad\n  m.a\n", [&]() -> task<void> {
        bool thrown = false;
        try {
            co_await w.app.bus.emit("one", std::string{"1"});
        } catch (const signal::emit_error& e) {
            thrown = e.errors().size() == 1;
        }
        BOOST_TEST(thrown);
    });
    BOOST_TEST(w.notes() == "a:1");
    BOOST_TEST(w.app.logged("ERROR aio Error calling listener: ") == 1u);
}

BOOST_AUTO_TEST_CASE(case_68_signals_have_no_case) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.run("[listen/x]\nMy-Signal = m.a\n", [&]() -> task<void> {
        co_await w.app.bus.emit("my-signal", std::string{"1"});
        co_await w.app.bus.emit("MY-SIGNAL", std::string{"2"});
    });
    BOOST_TEST(w.notes() == "a:1, a:2");
}

BOOST_AUTO_TEST_CASE(functions_without_parameters) {
    world w;
    w.listener("plain", [&] { w.noted.emplace_back("plain"); });
    w.listener("task", [&]() -> task<void> {
        w.noted.emplace_back("task");
        co_return;
    });
    w.run("[listen/x]\none = m.plain\n  m.task\n", [&]() -> task<void> {
        co_await w.app.bus.emit("one");
    });
    BOOST_TEST(w.notes() == "plain, task");
}

BOOST_AUTO_TEST_CASE(data_of_another_type_is_an_error_that_names_both) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.run("[listen/x]\none = m.a\n", [&]() -> task<void> {
        try {
            co_await w.app.bus.emit("one", 7);
        } catch (const signal::emit_error&) {
        }
    });
    BOOST_TEST(w.app.logged("the data of signal 'one' is int, asked for std::string") == 1u);
}

BOOST_AUTO_TEST_CASE(the_section_is_the_label) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.listener("b", note_of(w, "b"));
    w.run("[listen/x]\none = m.a\n[listen/y]\none = m.b\n", [&]() -> task<void> {
        co_await w.app.bus.emit_to("y", "one", std::string{"1"});
    });
    BOOST_TEST(w.notes() == "b:1");
}

BOOST_AUTO_TEST_CASE(options_that_a_function_declared_are_no_signals) {
    world w;
    w.listener("a", [&](signal_event e) {
         w.noted.push_back(e.option<std::string>("prefix"));
     }).option("prefix", "none");
    w.run("[listen/x]\nprefix = my.own\none = m.a\n", [&]() -> task<void> {
        co_await w.app.bus.emit("one");
    });
    BOOST_TEST(w.notes() == "my.own");
    BOOST_TEST(w.app.bus.listeners("prefix") == 0u);
}

BOOST_AUTO_TEST_CASE(case_18_inherited_options_are_no_signals) {
    world w;
    w.listener("a", note_of(w, "a"));
    BOOST_TEST(w.plan("[DEFAULT]\nhome = nowhere.at.all\n[listen/x]\none = m.a\n") == "");
    BOOST_REQUIRE(w.specs.size() == 1u);
    BOOST_TEST(w.specs[0].all.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_unknown_function_is_reported_at_its_line) {
    world w;
    w.listener("a", note_of(w, "a"));
    const std::string wrong = w.plan("[listen/x]\none =\n  m.a\n  m.b\ntwo = m.c\n");
    BOOST_TEST(wrong.find("t.conf:4:3: error: unknown m.b") != wrong.npos);
    BOOST_TEST(wrong.find("t.conf:5:7: error: unknown m.c") != wrong.npos);
    BOOST_TEST(w.specs.at(0).all.size() == 1u);
}

BOOST_AUTO_TEST_CASE(after_the_end_nobody_listens) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.run("[listen/x]\none = m.a\n", [&]() -> task<void> {
        BOOST_TEST(w.app.bus.listeners("one") == 1u);
        w.subscriptions.end();
        w.subscriptions.end();
        BOOST_TEST(w.app.bus.listeners("one") == 0u);
        co_await w.app.bus.emit("one");
    });
    BOOST_TEST(w.notes() == "");
}

BOOST_AUTO_TEST_CASE(an_event_kept_by_a_listener_stays_valid) {
    world w;
    std::optional<signal_event> kept;
    w.listener("a", [&](signal_event e) { kept = e; });
    w.run("[listen/x]\none = m.a\n", [&]() -> task<void> {
        co_await w.app.bus.emit("one", std::string{"a text that is too long for the small buffer"});
        w.subscriptions.end();
        BOOST_TEST(kept->data<std::string>() == "a text that is too long for the small buffer");
        BOOST_TEST(kept->section() == "listen/x");
    });
}

BOOST_AUTO_TEST_CASE(a_queue_is_an_option_and_no_signal) {
    world w;
    w.listener("slow", [&](signal_event e) -> task<void> {
        co_await sleep(1s);
        w.noted.push_back(e.data<std::string>());
    });
    w.run("[listen/x]\none = m.slow\nqueue = 2\nqueue_policy = drop_newest\n", [&]() -> task<void> {
        const auto start = w.time.now();
        for (const char* data : {"a", "b", "c"})
            co_await w.app.bus.emit("one", std::string{data});
        BOOST_TEST((w.time.now() == start));
        co_await sleep(5s);
    });
    BOOST_TEST(w.notes() == "a, b");
}

BOOST_AUTO_TEST_CASE(a_signal_may_be_called_queue) {
    world w;
    w.listener("a", note_of(w, "a"));
    w.run("[listen/x]\nqueue = m.a\nqueue_policy = m.a\n", [&]() -> task<void> {
        co_await w.app.bus.emit("queue", std::string{"1"});
        co_await w.app.bus.emit("queue_policy", std::string{"2"});
    });
    BOOST_TEST(w.notes() == "a:1, a:2");
}

BOOST_AUTO_TEST_CASE(a_policy_without_a_queue_is_warned_of) {
    world w;
    w.listener("a", note_of(w, "a"));
    const std::string said = w.plan("[listen/x]\none = m.a\nqueue_policy = drop_newest\n");
    BOOST_TEST(
        said.find("t.conf:3:1: warning: [listen/x] queue_policy has no effect without a queue") !=
        std::string::npos
    );
    BOOST_TEST(w.plan("[listen/y]\none = m.a\nqueue = 1\nqueue_policy = wait\n") == "");
}

BOOST_AUTO_TEST_CASE(a_wrong_queue_is_said_at_its_place) {
    world w;
    w.listener("a", note_of(w, "a"));
    const std::string wrong = w.plan("[listen/x]\none = m.a\nqueue = long\nqueue_policy = drop\n");
    BOOST_TEST(
        wrong.find("t.conf:3:9: error: [listen/x] queue: 'long' is neither a number of events "
                   "nor a function") != std::string::npos
    );
    BOOST_TEST(
        wrong.find("t.conf:4:16: error: [listen/x] queue_policy: 'drop' is none of wait, "
                   "drop_oldest, drop_newest") != std::string::npos
    );
    const std::string large = w.plan("[listen/y]\none = m.a\nqueue = 99999999999999999999\n");
    BOOST_TEST(
        large.find("[listen/y] queue: '99999999999999999999' is out of range, 0 to "
                   "9223372036854775807") != std::string::npos
    );
}

BOOST_AUTO_TEST_SUITE_END()
