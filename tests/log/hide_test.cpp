#include "specs.hpp"

#include <aio/log/complaints.hpp>
#include <aio/log/tree.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
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

capture note(tree& loggers, lines& into) {
    return loggers.on_record([&into](const record& one) { into.emplace_back(one.message); });
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

BOOST_AUTO_TEST_CASE(report_log_5_no_complaint_shows_a_secret_in_a_name) {
    temporary_folder folder;
    const std::string text = "top/s3cr3t-Pa55";
    const auto secrets = [&] {
        auto made = std::make_shared<aio::base::secret_texts>();
        made->add(text);
        return made;
    }();
    const auto said = [&](auto complain) {
        const int kept = ::dup(STDERR_FILENO);
        const int file = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(file, STDERR_FILENO);
        complaints to; // a new one for each: not more than one complaint a second is made
        to.hide(secrets);
        complain(to);
        ::dup2(kept, STDERR_FILENO);
        ::close(kept);
        ::close(file);
        return folder.read("err");
    };
    const std::string cut = std::string(195, 'x') + text;
    BOOST_TEST(
        said([&](complaints& to) { to.lost("./" + text, EFBIG, 1); }) ==
        "aio: cannot write the log to ./********: File too large (1 record lost so far)\n"
    );
    BOOST_TEST(said([&](complaints& to) { to.lost(cut, cut, 1); }).find("top") == text.npos);
    BOOST_TEST(said([&](complaints& to) {
                   to.say("cannot open '" + text + "'");
               }) == "aio: log: cannot open '********'\n");
    BOOST_TEST(said([&](complaints& to) {
                   to.announce("cannot reach " + text + ":514");
               }) == "aio: cannot reach ********:514\n");
    BOOST_TEST(said([&](complaints& to) {
                   to.say(std::string(505, 'x') + text);
               }).find("top") == text.npos);
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
