#include "specs.hpp"

#include <aio/log/tree.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace aio::log;
using aio::testing::temporary_folder;
using lines = std::vector<std::string>;

namespace {

struct broken {};

capture note(tree& of, lines& into) {
    return of.on_record([&into](const record& one) { into.emplace_back(one.message); });
}

aio::base::secret_texts secret(std::string_view text) {
    aio::base::secret_texts made;
    made.add(text);
    return made;
}

} // namespace

template <>
struct fmt::formatter<broken> : fmt::formatter<int> {
    auto format(const broken&, format_context& context) const -> decltype(context.out()) {
        throw std::runtime_error("no text for it");
    }
};

BOOST_AUTO_TEST_SUITE(hide)

BOOST_AUTO_TEST_CASE(no_record_shows_a_secret_wherever_it_goes) {
    temporary_folder folder;
    std::ostringstream foreign;
    tree all;
    lines got;
    const capture kept = note(all, got);
    logger& before = all.get("before");
    all.hide(secret("s3cr3t-Pa55"));
    spec what = one_handler(file_args{folder / "x.log"}, "%(message)s");
    what.formatters.emplace_back("j");
    what.formatters.back().as = look::json;
    what.handlers.emplace_back("j", file_args{folder / "x.json"}, "j");
    what.loggers[0].handlers.push_back("j");
    BOOST_TEST(!all.configure(what).failed());
    all.attach("", std::make_shared<spdlog::sinks::ostream_sink_mt>(foreign));
    before.error("no way in with {}", "S3CR3T-pa55");
    all.get("after").info("s3cr3t-Pa55 {}", broken());
    all.flush();
    const std::string text = folder.read("x.log");
    BOOST_TEST(
        text == "no way in with ********\n******** {} (cannot be formatted: no text for it)\n"
    );
    BOOST_TEST(folder.read("x.json").find("\"no way in with ********\"") != std::string::npos);
    BOOST_TEST(foreign.str().find("no way in with ********") != std::string::npos);
    BOOST_REQUIRE(got.size() == 2u);
    BOOST_TEST(got[0] == "no way in with ********");
}

BOOST_AUTO_TEST_CASE(a_short_one_leaves_the_rest_legible) {
    tree all;
    lines got;
    const capture kept = note(all, got);
    all.hide(secret("a"));
    all.root().warning("a word in a line, 'a' in quotes");
    BOOST_TEST(
        got == (lines{"a word in a line, '********' in quotes"}), boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_CASE(what_is_said_elsewhere_is_shown_the_same_way) {
    tree all;
    BOOST_TEST(all.shown("with s3cr3t-Pa55") == "with s3cr3t-Pa55");
    all.hide(secret("s3cr3t-Pa55"));
    BOOST_TEST(all.shown("with s3cr3t-Pa55") == "with ********");
    all.hide({});
    lines got;
    const capture kept = note(all, got);
    all.root().error("with s3cr3t-Pa55");
    BOOST_TEST(got == (lines{"with s3cr3t-Pa55"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(threads_log_while_it_is_told_what_to_hide) {
    tree all;
    std::atomic<int> clear = 0;
    const capture kept = all.on_record([&](const record& one) {
        clear += one.message.find("s3cr3t-Pa55") != std::string_view::npos;
    });
    BOOST_TEST(!all.configure(one_handler(null_args{})).failed());
    all.hide(secret("s3cr3t-Pa55"));
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i)
        writers.emplace_back([&] {
            for (int n = 0; n < 200; ++n)
                all.get("a").error("s3cr3t-Pa55");
        });
    for (int i = 0; i < 100; ++i)
        all.hide(secret("s3cr3t-Pa55"));
    writers.clear();
    BOOST_TEST(clear == 0);
}

BOOST_AUTO_TEST_SUITE_END()
