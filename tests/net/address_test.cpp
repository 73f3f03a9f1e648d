#include <aio/net/address.hpp>

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>
#include <system_error>

using aio::net::address;
using aio::net::family;

BOOST_AUTO_TEST_SUITE(address_)

BOOST_AUTO_TEST_CASE(literals_are_parsed_and_printed) {
    const struct {
        const char* literal;
        family kind;
        const char* text;
    } all[] = {
        {"127.0.0.1", family::v4, "127.0.0.1:80"},
        {"0.0.0.0", family::v4, "0.0.0.0:80"},
        {"::1", family::v6, "[::1]:80"},
        {"[::1]", family::v6, "[::1]:80"},
        {"2001:db8::1", family::v6, "[2001:db8::1]:80"},
        {"::ffff:10.1.2.3", family::v4, "10.1.2.3:80"},
        {"[::ffff:a01:203]", family::v4, "10.1.2.3:80"},
    };

    for (const auto& one : all) {
        BOOST_TEST_CONTEXT(one.literal) {
            const auto parsed = address::parse(one.literal, 80);
            BOOST_REQUIRE(parsed);
            BOOST_TEST((parsed->kind() == one.kind));
            BOOST_TEST(parsed->text() == one.text);
            BOOST_TEST(parsed->port() == 80);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_literal_is_refused) {
    for (const char* text :
         {"",
          "localhost",
          "1.2.3",
          "1.2.3.4.5",
          "256.1.1.1",
          "::g",
          "[::1",
          "[1.2.3.4]",
          "::1%no",
          "fe80::1%lo:1",
          "fe80::1%lo%25lo",
          " 1.2.3.4"})
        BOOST_TEST(!address::parse(text, 1), text);
    using namespace std::string_view_literals;
    for (const std::string_view text : {"1.2.3.4\0"sv, "1.2.3.4\0.5"sv, "::1\0"sv, "[::1\0:2]"sv})
        BOOST_TEST(!address::parse(text, 1), text);
}

BOOST_AUTO_TEST_CASE(an_interface_that_is_missing_is_known_by_name) {
    for (const char* text : {"fe80::1%eth77", "[fe80::1%eth77]"})
        BOOST_TEST(address::missing_interface(text).value_or("") == "eth77", text);
    for (const char* text :
         {"fe80::1%lo",
          "fe80::1%7",
          "fe80::1",
          "fe80::1%",
          "x%eth77",
          "1.2.3.4%eth77",
          "fe80::1%a b",
          "fe80::1%longer_than_names_are",
          "eth77"})
        BOOST_TEST(!address::missing_interface(text), text);
    BOOST_CHECK_EXCEPTION(
        aio::net::resolve("fe80::1%eth77", 1),
        std::system_error,
        [](const std::system_error& e) {
            return e.what() == std::string("fe80::1%eth77: there is no interface 'eth77'");
        }
    );
}

BOOST_AUTO_TEST_CASE(what_an_address_is_for_can_be_asked) {
    const auto of = [](const char* text) { return *address::parse(text, 1); };
    for (const char* text : {"224.0.0.1", "239.1.2.3", "ff02::1", "ff0e::2"})
        BOOST_TEST(of(text).multicast(), text);
    for (const char* text : {"127.0.0.1", "::1", "255.255.255.255", "fe80::1%lo"})
        BOOST_TEST(!of(text).multicast(), text);
    BOOST_TEST(of("255.255.255.255").broadcast());
    BOOST_TEST(!of("127.255.255.255").broadcast());
    for (const char* text : {"fe80::1", "ff02::1"})
        BOOST_TEST(of(text).lacks_interface(), text);
    for (const char* text : {"fe80::1%lo", "::1", "ff0e::2", "169.254.1.1"})
        BOOST_TEST(!of(text).lacks_interface(), text);
}

BOOST_AUTO_TEST_CASE(an_address_with_its_port_reads_back) {
    for (const char* text : {"127.0.0.1:80", "[::1]:8080", "[fe80::1]:1"}) {
        const auto parsed = address::parse_with_port(text);
        BOOST_REQUIRE(parsed);
        BOOST_TEST(parsed->text() == text);
    }
    for (const char* text :
         {"127.0.0.1", "::1:80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:8x"})
        BOOST_TEST(!address::parse_with_port(text), text);
}

BOOST_AUTO_TEST_CASE(a_unix_path_has_a_limit) {
    BOOST_TEST(address::unix_socket("/tmp/x")->text() == "/tmp/x");
    BOOST_TEST(address::unix_socket(std::string(107, 'x')).has_value());
    BOOST_TEST(!address::unix_socket(std::string(108, 'x')));
    BOOST_TEST(!address::unix_socket(""));
}

BOOST_AUTO_TEST_CASE(equal_means_same_host_and_port) {
    BOOST_TEST((address::parse("1.2.3.4", 5) == address::parse("1.2.3.4", 5)));
    BOOST_TEST(!(address::parse("1.2.3.4", 5) == address::parse("1.2.3.4", 6)));
    BOOST_TEST(!(address::parse("::1", 5) == address::parse("::2", 5)));
    ::sockaddr_in6 raw{};
    raw.sin6_family = AF_INET6;
    raw.sin6_port = htons(5);
    BOOST_REQUIRE(::inet_pton(AF_INET6, "::ffff:1.2.3.4", &raw.sin6_addr) == 1);
    const auto mapped = address::from(reinterpret_cast<const ::sockaddr*>(&raw), sizeof raw);
    BOOST_TEST((mapped == *address::parse("1.2.3.4", 5)));
    BOOST_TEST((*address::parse("1.2.3.4", 5) == mapped));
    BOOST_TEST(!(mapped == *address::parse("1.2.3.5", 5)));
    BOOST_TEST(!(mapped == *address::parse("::1", 5)));
}

BOOST_AUTO_TEST_CASE(names_resolve_and_nonsense_says_its_name) {
    const auto found = aio::net::resolve("localhost", 7);
    BOOST_REQUIRE(!found.empty());
    BOOST_TEST(found.front().loopback());
    BOOST_TEST(found.front().port() == 7);
    BOOST_CHECK_EXCEPTION(
        aio::net::resolve("no such host", 1),
        std::system_error,
        [](const std::system_error& e) {
            return std::string(e.what()).find("'no such host'") != std::string::npos;
        }
    );
}

BOOST_AUTO_TEST_SUITE_END()
