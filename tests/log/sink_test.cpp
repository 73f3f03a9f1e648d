// Handlers that a module makes from a sink of spdlog's.

#include "specs.hpp"

#include <aio/log/sink.hpp>
#include <aio/log/tree.hpp>

#include <boost/test/unit_test.hpp>

#include <spdlog/sinks/ostream_sink.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>

using namespace aio::log;
using namespace std::chrono_literals;

namespace {

custom_args custom(make_sink make) {
    return {
        "my.module.sink", std::make_shared<const make_sink>(std::move(make)), {"handler_h", {}}
    };
}

struct lines_sink final : spdlog::sinks::base_sink<spdlog::details::null_mutex>, reopenable {
    std::vector<std::string> lines;
    int flushes = 0, reopened = 0;

    void reopen() override { ++reopened; }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (message.payload == "throw")
            throw std::runtime_error("no more");
        lines.emplace_back(message.payload.data(), message.payload.size());
    }

    void flush_() override { ++flushes; }
};

/// Its flushes wait until somebody lets them go, and say that they have begun.
struct waiting_sink final : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    std::promise<void> begun, released;
    std::shared_future<void> until = released.get_future().share();
    std::once_flag first;

  private:
    void sink_it_(const spdlog::details::log_msg&) override {}

    void flush_() override {
        std::call_once(first, [this] { begun.set_value(); });
        until.wait();
    }
};

/// Logs in everything it does.
struct telling_sink final : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    explicit telling_sink(logger& log, std::vector<std::string>& lines) : log_(log), lines_(lines) {
        log_.info("made");
    }

    ~telling_sink() override {
        if (!silent)
            log_.info("destroyed");
    }

    bool silent = false; ///< the logger is gone

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        lines_.emplace_back(message.payload.data(), message.payload.size());
        log_.info("written");
    }

    void flush_() override { log_.info("flushed"); }

    logger& log_;
    std::vector<std::string>& lines_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(sink)

BOOST_AUTO_TEST_CASE(what_a_sink_logs_itself_is_dropped_wherever_it_does) {
    std::vector<std::string> lines;
    tree all;
    const auto make = [&](const handler_section&) {
        return std::make_shared<telling_sink>(all.root(), lines);
    };
    BOOST_TEST(!all.configure(one_handler(custom(make), "%(message)s")).failed());
    all.root().info("one");
    all.flush();
    all.flush_if_free();
    all.flush_at_end(1h);
    BOOST_TEST(all.reopen().empty()); // flushes the old sink, makes a new one, destroys the old one
    all.root().warning("two");
    BOOST_TEST(lines == (std::vector<std::string>{"one", "two"}), boost::test_tools::per_element());
    BOOST_TEST(!all.configure(one_handler(null_args{})).failed()); // destroys it
    const auto attached = std::make_shared<telling_sink>(all.root(), lines);
    all.attach("a", attached);
    all.get("a").info("three");
    all.flush();
    attached->silent = true;
    BOOST_TEST(lines.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_sink_gets_the_text_of_the_formatter) {
    auto made = std::make_shared<lines_sink>();
    tree all;
    BOOST_TEST(!all.configure(one_handler(custom([&](const handler_section& section) {
                       BOOST_TEST(section.name() == "handler_h");
                       return made;
                   }))
    ).failed());
    all.get("a").info("one\ntwo");
    BOOST_TEST_REQUIRE(made->lines.size() == 1u);
    BOOST_TEST(made->lines[0] == "INFO a one\n    | two");
    BOOST_TEST(made->flushes == 1);
}

BOOST_AUTO_TEST_CASE(a_sink_that_is_made_later_gets_what_comes_after_that) {
    auto made = std::make_shared<lines_sink>();
    bool may = false;
    tree all;
    spec what = one_handler(
        custom([&](const handler_section&) {
            if (!may)
                throw std::runtime_error("not yet");
            return made;
        }),
        "%(message)s"
    );
    BOOST_TEST(!all.configure(what, {}, module_handlers::later).failed());
    all.root().error("to standard error");
    const auto wrong = all.open_module_handlers();
    BOOST_TEST_REQUIRE(wrong.errors() == 1u);
    BOOST_TEST(aio::base::render(wrong).find("not yet") != std::string::npos);
    may = true;
    BOOST_TEST(!all.open_module_handlers().failed());
    all.root().error("to the sink");
    may = false;
    BOOST_TEST(!all.open_module_handlers().failed());
    BOOST_TEST_REQUIRE(made->lines.size() == 1u);
    BOOST_TEST(made->lines[0] == "to the sink");
}

BOOST_AUTO_TEST_CASE(sinks_with_a_pattern_of_their_own_write_that_text_and_a_newline) {
    std::ostringstream text;
    tree all;
    const auto wrong = all.configure(one_handler(custom([&](const handler_section&) {
        return std::make_shared<spdlog::sinks::ostream_sink_st>(text);
    })));
    BOOST_TEST(!wrong.failed());
    all.root().error("x");
    BOOST_TEST(text.str() == "ERROR root x\n");
}

BOOST_AUTO_TEST_CASE(levels_of_the_section_and_of_the_sink_both_count) {
    auto made = std::make_shared<lines_sink>();
    made->set_level(spdlog::level::warn);
    tree all;
    spec what = one_handler(custom([&](const handler_section&) { return made; }), "%(message)s");
    BOOST_TEST(!all.configure(what).failed());
    all.root().info("i");
    all.root().warning("w");
    what.handlers[0].at_least = level::error;
    BOOST_TEST(!all.configure(what).failed());
    all.root().warning("w2");
    all.root().error("e");
    BOOST_TEST(
        made->lines == (std::vector<std::string>{"w", "e"}), boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_CASE(what_the_function_throws_is_an_error_with_the_sections_place) {
    tree all;
    const auto wrong = all.configure(
        one_handler(custom([](const handler_section&) -> std::shared_ptr<spdlog::sinks::sink> {
            throw std::runtime_error("no such host");
        }))
    );
    BOOST_TEST_REQUIRE(wrong.errors() == 1u);
    BOOST_TEST(wrong.begin()->text == "[handler_h] no such host");
    BOOST_TEST(
        all.configure(one_handler(custom([](const handler_section&) {
               return std::shared_ptr<spdlog::sinks::sink>();
           }))
        ).errors() == 1u
    );
}

BOOST_AUTO_TEST_CASE(a_record_that_a_sink_throws_at_is_counted) {
    auto made = std::make_shared<lines_sink>();
    tree all;
    BOOST_TEST(!all
                    .configure(one_handler(
                        custom([&](const handler_section&) { return made; }), "%(message)s"
                    ))
                    .failed());
    all.root().info("throw");
    all.root().info("kept");
    BOOST_TEST(all.lost() == 1u);
    BOOST_TEST(made->lines.size() == 1u);
}

BOOST_AUTO_TEST_CASE(reopening_asks_the_sink_or_makes_a_new_one) {
    auto able = std::make_shared<lines_sink>();
    tree all;
    BOOST_TEST(!all.configure(one_handler(custom([&](const handler_section&) { return able; }))
    ).failed());
    BOOST_TEST(all.reopen().empty());
    BOOST_TEST(able->reopened == 1);

    int times = 0;
    std::ostringstream text;
    const auto make = [&](const handler_section&) {
        if (++times == 3)
            throw std::runtime_error("disk gone");
        return std::make_shared<spdlog::sinks::ostream_sink_st>(text);
    };
    BOOST_TEST(!all.configure(one_handler(custom(make), "%(message)s")).failed());
    BOOST_TEST(all.reopen().empty());
    BOOST_TEST(times == 2);
    const auto problems = all.reopen();
    BOOST_TEST_REQUIRE(problems.size() == 1u);
    BOOST_TEST(problems[0] == "[handler_h]: disk gone");
    all.root().info("still there");
    BOOST_TEST(text.str() == "still there\n");
}

BOOST_AUTO_TEST_CASE(at_the_end_a_flush_that_hangs_holds_up_nothing) {
    const auto first = std::make_shared<waiting_sink>(), second = std::make_shared<waiting_sink>();
    const auto open = std::make_shared<waiting_sink>();
    open->released.set_value();
    tree all;
    for (const auto& each : {first, second, open})
        all.attach("a", each);
    all.flush_if_free(); // leaves them out: it waits for nobody
    all.flush_at_end(1ms);
    for (const auto& each : {first, second, open})
        each->begun.get_future().wait();
    first->released.set_value();
    second->released.set_value();
    all.flush_at_end(1h); // ends when they have
}

BOOST_AUTO_TEST_SUITE_END()
