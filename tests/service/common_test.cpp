#include <aio/config/load.hpp>
#include <aio/service/common.hpp>

#include <boost/test/unit_test.hpp>

#include <array>

using namespace aio;

namespace {

struct read_result {
    service::common_spec spec;
    base::diagnostics wrong;
    std::string text;
};

read_result read(std::string body) {
    config::inputs in;
    in.files.emplace_back("t.conf", "[server/web]\n" + std::move(body));
    const config::tree tree = config::merge(in);
    const config::section* from = tree.find("server/web");
    BOOST_REQUIRE(from);
    read_result out;
    const std::array schemas{&service::common_options()};
    const auto typed = config::read(*from, schemas, config::unknown::error, out.wrong);
    out.spec = service::read_common(*from, typed, out.wrong);
    out.text = base::render(out.wrong);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(common)

BOOST_AUTO_TEST_CASE(what_is_not_given_has_its_default) {
    const read_result r = read("");
    BOOST_TEST(r.text == "");
    BOOST_TEST(r.spec.section == "server/web");
    BOOST_TEST(r.spec.enabled);
    BOOST_TEST(r.spec.label == "");
    BOOST_TEST(r.spec.depends.empty());
    BOOST_TEST(r.spec.loop == "main");
    BOOST_TEST(!r.spec.stop_timeout);
    BOOST_TEST(r.spec.where.line == 1);
}

BOOST_AUTO_TEST_CASE(everything_given_is_read) {
    const read_result r =
        read("enabled = no\nlabel = front\ndepends =\n  server/a\n  schedule/b\nloop = own\n"
             "stop_timeout = 1m30s\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST(!r.spec.enabled);
    BOOST_TEST(r.spec.label == "front");
    BOOST_REQUIRE(r.spec.depends.size() == 2);
    BOOST_TEST(r.spec.depends[1] == "schedule/b");
    BOOST_REQUIRE(r.spec.depends_where.size() == 2);
    BOOST_TEST(r.spec.depends_where[1].line == 6);
    BOOST_TEST(r.spec.loop == "own");
    BOOST_TEST((r.spec.stop_timeout == std::chrono::seconds(90)));
}

BOOST_AUTO_TEST_CASE(a_loop_is_main_own_or_a_number) {
    BOOST_TEST(read("loop = main\n").spec.loop == "main");
    BOOST_TEST(read("loop = 3\n").spec.loop == "3");
    BOOST_TEST(read("loop = 0\n").spec.loop == "main");
    BOOST_TEST(read("loop = -1\n").wrong.failed());
    BOOST_TEST(read("loop = mine\n").wrong.failed());
}

BOOST_AUTO_TEST_CASE(without_a_supervisor_nothing_is_restarted_with_one_what_crashes_is) {
    using service::restart;
    BOOST_TEST((read("").spec.restart == restart::never));
    BOOST_TEST((read("supervisor = x\n").spec.restart == restart::on_failure));
    BOOST_TEST((read("supervisor = x\nrestart = never\n").spec.restart == restart::never));
    BOOST_TEST((read("restart = always\n").spec.restart == restart::always));
    BOOST_TEST(read("supervisor = x\n").spec.supervisor == "x");
    BOOST_TEST(read("restart = often\n").wrong.failed());
}

BOOST_AUTO_TEST_CASE(a_start_may_have_a_time_limit) {
    BOOST_TEST((read("start_timeout = 2s\n").spec.start_timeout == std::chrono::seconds(2)));
    BOOST_TEST(!read("").spec.start_timeout);
    BOOST_TEST(read("start_timeout = 0\n").wrong.failed());
}

BOOST_AUTO_TEST_CASE(a_dependency_named_twice_counts_once) {
    const read_result r = read("depends = a\n  a\n");
    BOOST_TEST(!r.wrong.failed());
    BOOST_TEST(r.wrong.size() == 1);
    BOOST_TEST(r.spec.depends.size() == 1);
}

BOOST_AUTO_TEST_CASE(mistakes_stand_where_they_were_made) {
    const read_result r = read("stop_timeout = soon\nenabled = maybe\n");
    BOOST_TEST(r.wrong.errors() == 2);
    BOOST_TEST(r.text.find("t.conf:2:") != std::string::npos);
    BOOST_TEST(r.text.find("t.conf:3:") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
