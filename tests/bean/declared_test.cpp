// What the base classes declare for those derived from them: checked before anything starts.

#include "pods.hpp"

#include <aio/bean/producer_consumer.hpp>
#include <aio/bean/tcp_server.hpp>

#include <boost/test/unit_test.hpp>

using aio::bean::context;
using namespace test;

namespace {

struct flow : aio::bean::producer_consumer<int> {
    using producer_consumer::producer_consumer;

    aio::async::generator<int> produce() override { co_return; }

    task<void> consume(int) override { co_return; }
};

struct web : aio::bean::tcp_server {
    using tcp_server::tcp_server;

    task<void> serve(aio::net::stream) override { co_return; }
};

/// What is wrong with a bean of that section.
std::string wrong(const std::string& core, const std::string& option) {
    pods p;
    p.bean<flow>("flow");
    p.bean<web>("web");
    p.bean<flow>("own").option("consumers", 3, "").option("queue_size", "many", "");
    return p.plan("[bean/a]\ncore = m." + core + "\n" + option + "\n");
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(declared)

BOOST_AUTO_TEST_CASE(what_a_base_class_takes_is_checked) {
    for (const char* bad :
         {"consumers = many",
          "consumers = 0",
          "consumers = 100001",
          "queue_size = -1",
          "queue_size = 0"})
        BOOST_TEST(says(wrong("flow", bad), "error: "), bad);
    for (const char* bad : {"port = many", "port = 99999", "port = -1"})
        BOOST_TEST(says(wrong("web", bad), "error: "), bad);
    for (const char* bad :
         {"address = 256.1.1.1",
          "address = 127.0.0.1:80",
          "address_prefix = 99",
          "allow = ::1 10.0.0.0/33",
          "deny = here",
          "proxy_from = 10.1.2.3/8",
          "proxy_skip = unix 1"})
        BOOST_TEST(says(wrong("web", bad), "error: "), bad);
    BOOST_TEST(
        wrong("web", "allow = ::1 10.0.0.0/33") ==
        "t.conf:3:22: error: [bean/a] allow: the prefix length of '10.0.0.0/33' is not a number "
        "from 0 to 32\n"
        "    allow = ::1 10.0.0.0/33\n"
        "                         ^\n"
    );
    for (const char* alone : {"proxy_from = ::1", "proxy_protocol = required"})
        BOOST_TEST(says(wrong("web", alone), "warning: "), alone);
    for (const char* good : {"consumers = 1", "queue_size = 100000000", "port = 1", "x = 1"})
        BOOST_TEST(wrong("flow", good) == "", good);
    for (const char* good : {"port = 0", "port = 65535", "address = ::1", "consumers = many"})
        BOOST_TEST(wrong("web", good) == "", good);
}

BOOST_AUTO_TEST_CASE(what_is_nearly_one_of_them_is_an_error) {
    BOOST_TEST(says(wrong("flow", "consmers = 3"), "consumers"));
    BOOST_TEST(says(wrong("flow", "queue_sise = 3"), "queue_size"));
    BOOST_TEST(says(wrong("web", "prot = 18999"), "port"));
    BOOST_TEST(says(wrong("web", "addres = 1.2.3.4"), "address"));
}

BOOST_AUTO_TEST_CASE(a_module_may_declare_one_itself_and_the_range_stays) {
    BOOST_TEST(wrong("own", "consumers = 4") == "");
    BOOST_TEST(says(wrong("own", "consumers = 0"), "error: "));
    BOOST_TEST(wrong("own", "queue_size = none") == "");
    pods p;
    p.bean<flow>("own").option("consumers", 3, "mine");
    const aio::config::schema& all = p.registry.find("m.own")->options;
    BOOST_TEST(all.all().size() == 2u);
    BOOST_TEST(all.find("consumers")->help == "mine");
    BOOST_TEST(std::get<std::int64_t>(all.find("consumers")->standard) == 3);
}

BOOST_AUTO_TEST_CASE(what_is_declared_counts_and_else_the_constructor) {
    pods p;
    std::vector<std::size_t> got;
    const auto core = [&](context given) {
        got.push_back(aio::bean::number_of(given, "consumers", 7, aio::bean::consumers_range));
    };
    p.bean("plain", core);
    p.bean("mine", core).option("consumers", 3, "");
    p.run(
        "[bean/a]\ncore = m.plain\n[bean/b]\ncore = m.plain\nconsumers = 5\n"
        "[bean/c]\ncore = m.mine\n[bean/d]\ncore = m.mine\nconsumers = +4\n",
        [&] { return p.all_ended(); }
    );
    BOOST_TEST(got == (std::vector<std::size_t>{7, 5, 3, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
