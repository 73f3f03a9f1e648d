#include <aio/config/load.hpp>
#include <aio/server/limits.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

using namespace aio;
using namespace std::chrono_literals;

namespace {

using declaration = std::function<void(config::schema&)>;

/// The options of a section with this text and of a class that declares these.
config::options section(const std::string& text, const declaration& declare) {
    config::inputs in;
    in.files.emplace_back("t.conf", "[service/web]\nx = 1\n" + text);
    const config::tree tree = config::merge(in);
    config::schema declared;
    declare(declared);
    const config::schema* const by[] = {&declared};
    base::diagnostics problems;
    auto out = config::read(*tree.find("service/web"), by, config::unknown::keep, problems);
    BOOST_TEST(base::render(problems) == "");
    return out;
}

const declaration declarations[] = {
    server::declare_limits, server::declare_limits_of_class, [](config::schema&) {}
};

} // namespace

BOOST_AUTO_TEST_SUITE(limits_)

BOOST_AUTO_TEST_CASE(the_defaults_are_the_same_however_they_are_declared) {
    const server::limits standard;
    BOOST_TEST(standard.max_connections == 10000u);
    BOOST_TEST(standard.backlog == 1024);
    BOOST_TEST(!standard.idle_timeout);
    BOOST_REQUIRE(standard.keepalive);
    BOOST_TEST((standard.keepalive->silence == 60s));
    BOOST_TEST((standard.keepalive->interval == 15s));
    BOOST_TEST(standard.keepalive->probes == 4);
    BOOST_TEST((standard.when_full == server::full_policy::wait));
    BOOST_TEST(!standard.accept_rate);
    BOOST_TEST(standard.networks.empty());
    BOOST_TEST(!standard.address_connections);
    BOOST_TEST(!standard.address_rate);
    BOOST_TEST((standard.address_prefix == server::client_prefix{32, 64}));
    BOOST_TEST((standard.handshake_timeout == 10s));
    BOOST_TEST((standard.linger == 2s));
    BOOST_TEST(!standard.unsent);
    BOOST_TEST(!standard.first_byte_timeout);
    BOOST_TEST((standard.write_timeout == 60s));
    BOOST_TEST(!standard.defer_accept);
    BOOST_TEST(!standard.proxy);
    for (const auto& each : declarations)
        BOOST_TEST((server::limits_of(section("", each)) == standard));
}

BOOST_AUTO_TEST_CASE(each_is_read_whether_it_is_declared_or_not) {
    for (const auto& each : declarations) {
        const server::limits read = server::limits_of(section(
            "max_connections = 7\nbacklog = 5\nidle_timeout = 1m30s\nkeepalive = 2s\n"
            "keepalive_interval = 3\nkeepalive_probes = 1\nwhen_full = refuse\n"
            "accept_rate = 100/s\nallow = 10.0.0.0/8 ::1\ndeny = 10.1.0.0/16\n"
            "address_connections = 20\naddress_rate = 5/m\naddress_prefix = 24 56\n"
            "handshake_timeout = 4s\nlinger = 100ms\nunsent = 64k\ndefer_accept = yes\n"
            "first_byte_timeout = 15s\nwrite_timeout = 30s\n"
            "proxy_protocol = required\nproxy_from = 10.2.0.0/16\nproxy_skip = ::1 unix\n",
            each
        ));
        BOOST_TEST((read.when_full == server::full_policy::refuse));
        BOOST_TEST((read.accept_rate == base::rate{100}));
        BOOST_TEST(read.networks.allow.text() == "10.0.0.0/8 ::1");
        BOOST_TEST(read.networks.deny.text() == "10.1.0.0/16");
        BOOST_TEST((read.address_connections == 20));
        BOOST_TEST((read.address_rate == base::rate{5.0 / 60}));
        BOOST_TEST((read.address_prefix == server::client_prefix{24, 56}));
        BOOST_TEST((read.handshake_timeout == 4s));
        BOOST_TEST((read.linger == 100ms));
        BOOST_TEST((read.unsent == base::size{64 << 10}));
        BOOST_TEST(read.defer_accept);
        BOOST_TEST((read.first_byte_timeout == 15s));
        BOOST_TEST((read.write_timeout == 30s));
        BOOST_REQUIRE(read.proxy.has_value());
        BOOST_TEST(read.proxy->from.text() == "10.2.0.0/16");
        BOOST_TEST(read.proxy->skip.text() == "::1 unix");
        BOOST_TEST(read.max_connections == 7u);
        BOOST_TEST(read.backlog == 5);
        BOOST_TEST((read.idle_timeout == 90s));
        BOOST_TEST((read.keepalive == net::keepalive{2s, 3s, 1}));
    }
}

BOOST_AUTO_TEST_CASE(none_switches_off) {
    for (const auto& each : declarations) {
        const config::options from = section(
            "idle_timeout = None\nkeepalive = none\naccept_rate = none\nunsent = none\n"
            "address_connections = none\naddress_rate = NONE\nfirst_byte_timeout = none\n"
            "write_timeout = none\n",
            each
        );
        for (const server::limits& read :
             {server::limits_of(from),
              server::limits_of(
                  from, {.idle_timeout = 3s, .first_byte_timeout = 4s, .address_connections = 4}
              )}) {
            BOOST_TEST(!read.first_byte_timeout);
            BOOST_TEST(!read.write_timeout);
            BOOST_TEST(!read.accept_rate);
            BOOST_TEST(!read.address_connections);
            BOOST_TEST(!read.address_rate);
            BOOST_TEST(!read.unsent);
            BOOST_TEST(!read.idle_timeout);
            BOOST_TEST(!read.keepalive);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_written_counts_before_the_limits_of_the_class) {
    const server::limits own{.max_connections = 3, .idle_timeout = 5s, .keepalive = std::nullopt};
    for (const auto& each : declarations) {
        BOOST_TEST((server::limits_of(section("", each), own) == own));
        const server::limits read =
            server::limits_of(section("max_connections = 9\nkeepalive = 7s\n", each), own);
        BOOST_TEST(read.max_connections == 9u);
        BOOST_TEST((read.idle_timeout == 5s));
        BOOST_TEST((read.keepalive == net::keepalive{.silence = 7s}));
    }
}

BOOST_AUTO_TEST_CASE(a_default_that_the_class_has_declared_counts) {
    const auto declare = [](config::schema& to) {
        to.option("max_connections", 4, "");
        server::declare_limits_of_class(to);
    };
    BOOST_TEST(server::limits_of(section("", declare)).max_connections == 4u);
    BOOST_TEST(
        server::limits_of(section("", declare), {.max_connections = 5}).max_connections == 5
    );
}

BOOST_AUTO_TEST_CASE(an_option_of_this_name_and_another_type_is_the_business_of_its_class) {
    const auto declare = [](config::schema& to) { to.option("keepalive", true, ""); };
    const server::limits standard;
    BOOST_TEST((server::limits_of(section("keepalive = no\n", declare)) == standard));
    BOOST_TEST((server::limits_of(section("", declare)) == standard));
}

BOOST_AUTO_TEST_CASE(what_is_no_value_is_an_error_that_names_the_option) {
    const auto failure = [](const std::string& text) {
        try {
            server::limits_of(section(text, [](config::schema&) {}));
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    BOOST_TEST(
        failure("max_connections = many\n") == "max_connections: 'many' is not a whole number"
    );
    BOOST_TEST(
        failure("max_connections = 0\n") == "max_connections: '0' is out of range, 1 or more"
    );
    BOOST_TEST(
        failure("keepalive = soon\n") ==
        "keepalive: 'soon' is not a duration such as 500ms or 1m30s or none"
    );
    BOOST_TEST(
        failure("keepalive_probes = 200\n") == "keepalive_probes: '200' is out of range, 1 to 127"
    );
    BOOST_TEST(
        failure("allow = 10.0.0.0/33\n") ==
        "allow: the prefix length of '10.0.0.0/33' is not a number from 0 to 32"
    );
    BOOST_TEST(
        failure("address_prefix = 64\n") == "address_prefix: '64' is not two lengths of prefixes"
    );
    BOOST_TEST(
        failure("proxy_protocol = required\n") == "proxy_protocol: 'required' needs proxy_from"
    );
}

BOOST_AUTO_TEST_CASE(the_proxies_of_a_class_are_those_of_its_section) {
    const server::limits own{.proxy = server::proxy_rules()};
    const auto undeclared = [](config::schema&) {};
    const auto read = server::limits_of(section("proxy_from = ::1\n", undeclared), own);
    BOOST_REQUIRE(read.proxy.has_value());
    BOOST_TEST(read.proxy->from.text() == "::1");
}

BOOST_AUTO_TEST_SUITE_END()
