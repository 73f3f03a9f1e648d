#include "specs.hpp"

#include <aio/log/tree.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace aio::log;
using aio::testing::temporary_folder;

namespace {

struct broken {};

struct seen {
    std::vector<std::string> lines;
    capture watching;

    explicit seen(tree& loggers) {
        watching = loggers.on_record([this](const record& one) {
            lines.push_back(fmt::format("{} {} {}", name(one.severity), one.logger, one.message));
        });
    }
};

using lines = std::vector<std::string>;

} // namespace

template <>
struct fmt::formatter<broken> : fmt::formatter<int> {
    auto format(const broken&, format_context& context) const -> decltype(context.out()) {
        throw std::runtime_error("no text for it");
    }
};

BOOST_AUTO_TEST_SUITE(tree_)

BOOST_AUTO_TEST_CASE(loggers_form_a_tree_by_dots) {
    tree all;
    BOOST_TEST(&all.get("") == &all.root());
    BOOST_TEST(&all.get("root") == &all.root());
    BOOST_TEST(all.root().name() == "root");
    BOOST_TEST(&all.get("a.b") == &all.get("a").child("b"));
    BOOST_TEST(&all.root().child("a") == &all.get("a"));
    BOOST_TEST(all.get("a.b").name() == "a.b");
}

BOOST_AUTO_TEST_CASE(a_lent_name_is_given_back) {
    tree all;
    seen got(all);
    const std::size_t before = all.size();
    for (int i = 0; i < 100'000; ++i) {
        const auto mine = all.lend(fmt::format("server.web.connection-{}", i));
        if (i % 10'000 == 0)
            mine->info("here");
    }
    BOOST_TEST(all.size() == before);
    BOOST_TEST(got.lines.size() == 10u);
    BOOST_TEST(got.lines.back() == "INFO server.web.connection-90000 here");
}

BOOST_AUTO_TEST_CASE(what_somebody_else_needs_stays_when_a_name_is_given_back) {
    tree all;
    auto first = all.lend("a.b.c");
    const auto second = all.lend("a.b.c");
    BOOST_TEST(first == second);
    logger& below = first->child("d"); // stays, and so do those above it
    const std::size_t before = all.size();
    first.reset();
    BOOST_TEST(all.size() == before);
    BOOST_TEST(&all.get("a.b.c.d") == &below);
    logger& kept = all.get("x.y");
    all.lend("x.y").reset();
    BOOST_TEST(&all.get("x.y") == &kept);
    all.set_level("levels.z", level::debug);
    all.lend("levels.z").reset();
    BOOST_TEST((all.effective_level("levels.z") == level::debug));
}

BOOST_AUTO_TEST_CASE(asking_for_a_level_makes_no_logger) {
    tree all;
    all.set_level("a", level::error);
    const std::size_t before = all.size();
    BOOST_TEST((all.effective_level("a.b.c") == level::error));
    BOOST_TEST(all.size() == before);
}

BOOST_AUTO_TEST_CASE(a_lent_logger_may_outlive_its_tree) {
    std::shared_ptr<logger> left;
    {
        tree all;
        left = all.lend("a");
    }
    left.reset();
}

BOOST_AUTO_TEST_CASE(many_names_that_stay_are_warned_of_once) {
    tree all;
    seen got(all);
    for (int i = 0; i < 20'000; ++i)
        (i % 2 ? all.get(fmt::format("c{}", i)) : all.root().child(fmt::format("c{}", i))).name();
    BOOST_REQUIRE(got.lines.size() == 1u);
    BOOST_TEST(got.lines.front().starts_with("WARNING "));
    BOOST_TEST(got.lines.front().find("There are more than 10000 loggers") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(levels_come_from_the_nearest_ancestor) {
    tree all;
    seen got(all);
    logger& server = all.get("aio.server.x");
    all.set_level("aio", level::debug);
    BOOST_TEST(server.enabled(level::debug));
    all.set_level("aio.server", level::error);
    BOOST_TEST(!server.enabled(level::warning));
    BOOST_TEST(all.get("aio.schedule").enabled(level::debug));
    all.set_level("aio.server", std::nullopt);
    BOOST_TEST(server.enabled(level::debug));
    BOOST_TEST(!all.get("other").enabled(level::debug));
    all.set_level("", level::off);
    BOOST_TEST(!all.get("other").enabled(level::critical));
    all.get("other").critical("not there");
    BOOST_TEST(got.lines.empty());
}

BOOST_AUTO_TEST_CASE(a_logger_without_a_handler_that_would_take_it_is_filtered) {
    tree all;
    spec what = one_handler(null_args{});
    what.handlers[0].at_least = level::error;
    BOOST_TEST(!all.configure(what).failed());
    BOOST_TEST(!all.get("a").enabled(level::warning));
    BOOST_TEST(all.get("a").enabled(level::error));
    what.loggers[0].handlers.clear();
    BOOST_TEST(!all.configure(what).failed());
    BOOST_TEST(!all.get("a").enabled(level::critical));
    seen got(all);
    BOOST_TEST(all.get("a").enabled(level::debug));
}

BOOST_AUTO_TEST_CASE(case_74_a_logger_that_does_not_propagate_writes_once) {
    temporary_folder folder;
    tree all;
    spec what = one_handler(file_args{folder / "x.log"});
    what.loggers.emplace_back("http", level::info, std::vector<std::string>{"h"});
    what.loggers[1].propagate = false;
    BOOST_TEST(!all.configure(what).failed());
    all.get("http.access").info("once");
    what.loggers[1].propagate = true;
    BOOST_TEST(!all.configure(what).failed());
    all.get("http.access").info("twice");
    all.flush();
    BOOST_TEST(
        folder.read("x.log") == "INFO http.access once\nINFO http.access twice\n"
                                "INFO http.access twice\n"
    );
}

BOOST_AUTO_TEST_CASE(a_captured_record_is_seen_whatever_the_handlers) {
    tree all;
    BOOST_TEST(!all.configure(one_handler(null_args{}, "", level::info)).failed());
    {
        seen got(all);
        all.get("a.b").warning("number {}", 4);
        all.get("a.b").debug("below");
        BOOST_TEST(!all.configure(one_handler(null_args{})).failed());
        all.root().debug("after");
        BOOST_TEST(
            got.lines == (lines{"WARNING a.b number 4", "DEBUG root after"}),
            boost::test_tools::per_element()
        );
    }
    all.root().error("nobody listens");
}

BOOST_AUTO_TEST_CASE(a_capture_may_outlive_its_tree) {
    capture kept;
    {
        tree all;
        kept = all.on_record([](const record&) {});
    }
    kept = capture();
}

BOOST_AUTO_TEST_CASE(what_a_handler_logs_is_dropped) {
    tree all;
    int calls = 0;
    const capture kept = all.on_record([&](const record&) {
        ++calls;
        all.root().error("again");
    });
    all.root().error("first");
    all.root().error("second");
    BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(arguments_that_throw_leave_the_format) {
    tree all;
    seen got(all);
    all.root().error("value {}", broken{});
    BOOST_TEST_REQUIRE(got.lines.size() == 1u);
    BOOST_TEST(got.lines[0] == "ERROR root value {} (cannot be formatted: no text for it)");
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_is_counted_and_the_others_go_on) {
    tree all;
    int calls = 0;
    const capture bad = all.on_record([](const record&) { throw 1; });
    const capture good = all.on_record([&](const record&) { ++calls; });
    all.root().error("x");
    BOOST_TEST(calls == 1);
    BOOST_TEST(all.lost() == 1u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_is_reported_with_its_place_and_changes_nothing) {
    temporary_folder folder;
    tree all;
    BOOST_TEST(!all.configure(one_handler(file_args{folder / "x.log"})).failed());
    spec bad = one_handler(file_args{folder / "missing/x.log"});
    bad.handlers.emplace_back("h2", file_args{folder / "."});
    bad.loggers[0].handlers.push_back("h2");
    bad.handlers[0].where.line = 7;
    const auto wrong = all.configure(bad);
    BOOST_TEST(wrong.errors() == 2u);
    BOOST_TEST(wrong.begin()->where.line == 7u);
    BOOST_TEST(
        wrong.begin()->text ==
        "[handler_h] cannot open '" + (folder / "missing/x.log") + "': No such file or directory"
    );
    all.root().warning("still here");
    BOOST_TEST(folder.read("x.log") == "WARNING root still here\n");
}

BOOST_AUTO_TEST_CASE(a_handler_nobody_uses_is_not_opened) {
    temporary_folder folder;
    tree all;
    spec what = one_handler(null_args{});
    what.handlers.emplace_back("unused", file_args{folder / "missing/x.log"});
    BOOST_TEST(!all.configure(what).failed());
    BOOST_TEST(!folder.has("missing"));
}

BOOST_AUTO_TEST_CASE(any_sink_of_spdlogs_can_be_attached) {
    tree all;
    std::ostringstream text;
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
    sink->set_pattern("%l %n %v");
    all.attach("a", sink);
    all.get("a.b").warning("hello\nworld\x1b[2J");
    all.get("c").warning("elsewhere");
    BOOST_TEST(text.str() == "warning a.b hello\n    | world\\x1b[2J\n");
}

BOOST_AUTO_TEST_CASE(an_attached_sink_that_throws_in_a_flush_ends_nothing) {
    struct broken final : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
        void sink_it_(const spdlog::details::log_msg&) override {}

        void flush_() override { throw std::runtime_error("the disk is full"); }
    };

    tree all;
    all.attach("a", std::make_shared<broken>());
    all.get("a").warning("hello");
    all.flush();
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(two_threads_log_while_a_third_reconfigures) {
    temporary_folder folder;
    tree all;
    const spec first = one_handler(file_args{folder / "1.log"}, "%(message)s");
    const spec second = one_handler(file_args{folder / "2.log"}, "%(message)s");
    BOOST_TEST(!all.configure(first).failed());
    constexpr int each = 5000;
    std::atomic<int> running{2};
    const auto work = [&](int from) {
        for (int i = 0; i < each; ++i)
            all.get(fmt::format("a.{}", i % 50)).info("{}", from + i);
        --running;
    };
    std::thread one(work, 0), two(work, each);
    bool failed = false;
    for (int i = 0; running > 0; ++i) {
        failed |= all.configure(i % 2 ? first : second).failed();
        all.set_level("a.3", i % 2 ? level::info : level::debug);
        failed |= !all.reopen().empty();
        all.flush();
    }
    one.join();
    two.join();
    BOOST_TEST(!failed);
    BOOST_TEST(!all.configure(one_handler(null_args{})).failed());
    std::vector<int> times(2 * each);
    std::istringstream text(
        folder.read("1.log") + (folder.has("2.log") ? folder.read("2.log") : "")
    );
    for (int number; text >> number;)
        ++times.at(static_cast<std::size_t>(number));
    BOOST_TEST(times == std::vector<int>(2 * each, 1), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
