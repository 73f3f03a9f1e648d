// What becomes of the log when code calls exit() in the middle of a turn.

#include "specs.hpp"

#include <aio/async/loop.hpp>
#include <aio/log/tree.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace aio::log;
using namespace std::chrono_literals;

namespace {

struct fixture {
    aio::testing::temporary_folder folder;
    tree all;
    aio::async::loop loop;

    fixture() {
        const auto wrong = all.configure(one_handler(file_args{folder / "x.log"}, "%(message)s"));
        BOOST_REQUIRE(!wrong.failed());
    }

    std::string text() { return folder.read("x.log"); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(end_by_exit, fixture)

BOOST_AUTO_TEST_CASE(what_was_collected_is_written_once_and_later_lines_at_once) {
    loop.post([this] {
        all.root().info("one");
        BOOST_TEST(text() == "");
        all.end_by_exit("the reason");
        BOOST_TEST(text() == "one\nthe reason\n");
        all.root().info("two");
        BOOST_TEST(text() == "one\nthe reason\ntwo\n");
    });
    loop.poll();
    all.flush();
    BOOST_TEST(text() == "one\nthe reason\ntwo\n");
}

BOOST_AUTO_TEST_CASE(without_a_reason_nothing_is_added) {
    loop.post([this] {
        all.root().info("one");
        all.end_by_exit({});
        BOOST_TEST(text() == "one\n");
    });
    loop.poll();
}

BOOST_AUTO_TEST_CASE(a_caller_that_holds_the_lock_of_a_handler_waits_for_a_moment_only) {
    bool called = false;
    const capture watching = all.on_record([&](const record& entry) {
        if (entry.message != "exits here")
            return;
        called = true;
        all.end_by_exit("the reason", 50ms);
    });
    loop.post([this] {
        all.root().info("before");
        all.root().info("exits here");
        BOOST_TEST(text().starts_with("before\n"));
    });
    loop.poll();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_SUITE_END()
