#include <aio/net/networks.hpp>

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using aio::net::address;
using aio::net::key_of;
using aio::net::network;
using aio::net::network_mistake;
using aio::net::network_rules;
using aio::net::networks;

namespace {

networks list(std::string_view text) {
    std::vector<network_mistake> mistakes;
    networks read = networks::parse(text, mistakes);
    for (const network_mistake& each : mistakes)
        BOOST_ERROR(each.text);
    return read;
}

address peer(std::string_view literal) {
    if (literal == "unix") {
        const ::sa_family_t unnamed = AF_UNIX;
        ::sockaddr form{};
        form.sa_family = unnamed;
        return address::from(&form, sizeof unnamed);
    }
    return address::parse(literal, 4242).value_or(address());
}

/// An IPv4 address as the system tells it of a socket for both families.
address mapped(std::string_view literal) {
    const address plain = peer(literal);
    ::sockaddr_in6 form{};
    form.sin6_family = AF_INET6;
    form.sin6_addr.s6_addr[10] = form.sin6_addr.s6_addr[11] = 0xff;
    std::memcpy(
        form.sin6_addr.s6_addr + 12,
        &reinterpret_cast<const ::sockaddr_in*>(plain.raw())->sin_addr,
        4
    );
    return address::from(reinterpret_cast<const ::sockaddr*>(&form), sizeof form);
}

std::string key(const address& from, unsigned v4 = 32, unsigned v6 = 64) {
    const auto found = key_of(from, v4, v6);
    return found ? found->text() : "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(networks_)

BOOST_AUTO_TEST_CASE(each_form_is_read_and_printed_the_shortest_way) {
    const struct {
        const char* written;
        const char* text;
    } all[] = {
        {"", ""},
        {" \t\n ", ""},
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"10.1.2.3", "10.1.2.3"},
        {"10.1.2.3/32", "10.1.2.3"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"::/0", "::/0"},
        {"::1", "::1"},
        {"2001:0DB8:0:0::/32", "2001:db8::/32"},
        {"fe80::/10", "fe80::/10"},
        {"unix", "unix"},
        {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
        {"::ffff:0:0/96", "0.0.0.0/0"},
        {"::ffff:1.2.3.4", "1.2.3.4"},
        {"unix ::1\n\t10.0.0.0/8\r\n", "10.0.0.0/8 ::1 unix"},
        {"10.1.0.0/16 10.0.0.0/8 10.0.0.1 10.0.0.0/8", "10.0.0.0/8"}, // what is inside goes
        {"10.0.0.0/9 10.128.0.0/9", "10.0.0.0/9 10.128.0.0/9"},
    };

    for (const auto& each : all) {
        BOOST_TEST(list(each.written).text() == each.text);
        BOOST_TEST((list(each.text) == list(each.written)));
    }
}

BOOST_AUTO_TEST_CASE(members_are_found) {
    const struct {
        const char* written;
        std::vector<const char*> inside, outside;
    } all[] = {
        {"", {}, {"10.0.0.1", "::1", "unix"}},
        {"10.0.0.0/8", {"10.0.0.0", "10.255.255.255"}, {"9.255.255.255", "11.0.0.0", "::1", "unix"}
        },
        {"10.1.2.3", {"10.1.2.3"}, {"10.1.2.2", "10.1.2.4"}},
        {"192.0.2.128/25", {"192.0.2.128", "192.0.2.255"}, {"192.0.2.127", "192.0.3.128"}},
        {"0.0.0.0/0", {"1.2.3.4", "255.255.255.255"}, {"::1", "unix"}},
        {"::/0", {"::", "::1", "ffff::"}, {"1.2.3.4", "unix"}},
        {"fe80::/10", {"fe80::1", "febf::1", "fe80::1%lo"}, {"fec0::", "fe7f::1"}},
        {"2001:db8::/33", {"2001:db8:7fff::1"}, {"2001:db8:8000::"}},
        {"unix", {"unix"}, {"127.0.0.1", "::1"}},
        {"10.0.0.0/8 10.0.0.5 12.0.0.0/8 ::1 unix",
         {"10.0.0.5", "10.9.9.9", "12.0.0.1", "::1", "unix"},
         {"11.0.0.1", "::2", "13.0.0.0"}},
    };

    for (const auto& each : all) {
        const networks read = list(each.written);
        for (const char* member : each.inside)
            BOOST_TEST(read.contains(peer(member)), each.written << " has " << member);
        for (const char* stranger : each.outside)
            BOOST_TEST(!read.contains(peer(stranger)), each.written << " lacks " << stranger);
        BOOST_TEST(!read.contains(address()));
    }
}

BOOST_AUTO_TEST_CASE(an_address_mapped_into_ipv6_is_its_ipv4_address) {
    BOOST_TEST(list("10.0.0.0/8").contains(mapped("10.1.2.3")));
    BOOST_TEST(!list("::/0").contains(mapped("10.1.2.3")));
    BOOST_TEST(list("::ffff:10.0.0.0/104").contains(peer("10.1.2.3")));
    BOOST_TEST(key(mapped("10.1.2.3")) == "10.1.2.3");
    BOOST_TEST(key(mapped("10.1.2.3"), 24, 56) == "10.1.2.0/24");
}

BOOST_AUTO_TEST_CASE(the_key_of_a_client_is_its_address_or_its_ipv6_network) {
    BOOST_TEST(key(peer("10.1.2.3")) == "10.1.2.3");
    BOOST_TEST(key(peer("2001:db8:1:2:3:4:5:6")) == "2001:db8:1:2::/64");
    BOOST_TEST(key(peer("2001:db8:1:2ff:3:4:5:6"), 32, 56) == "2001:db8:1:200::/56");
    BOOST_TEST(key(peer("10.1.2.3"), 0, 0) == "0.0.0.0/0");
    BOOST_TEST(key(peer("2001:db8::1"), 99, 999) == "2001:db8::1");
    BOOST_TEST(key(peer("unix")) == "none");
    BOOST_TEST(key(address()) == "none");
    BOOST_TEST((key_of(peer("10.1.2.3")) == key_of(*address::parse("10.1.2.3", 1))));
}

BOOST_AUTO_TEST_CASE(mistakes_name_their_place_and_the_rest_counts) {
    const struct {
        const char* written;
        std::size_t offset, size;
        const char* text;
        const char* hint;
    } all[] = {
        {"10.0.0.0/33", 9, 2, "the prefix length of '10.0.0.0/33' is not a number from 0 to 32", ""
        },
        {"::/129", 3, 3, "the prefix length of '::/129' is not a number from 0 to 128", ""},
        {"10.0.0.0/", 8, 1, "the prefix length of '10.0.0.0/' is not a number from 0 to 32", ""},
        {"10.0.0.0/08", 9, 2, "the prefix length of '10.0.0.0/08' is not a number from 0 to 32", ""
        },
        {"10.0.0.0/+8", 9, 2, "the prefix length of '10.0.0.0/+8' is not a number from 0 to 32", ""
        },
        {"10.0.0.0/8/8",
         9,
         3,
         "the prefix length of '10.0.0.0/8/8' is not a number from 0 to 32",
         ""},
        {"10.0.0.0/255.0.0.0",
         9,
         9,
         "the prefix length of '10.0.0.0/255.0.0.0' is not a number from 0 to 32",
         "a mask such as 255.0.0.0 is written as its length, 8"},
        {"10.1.2.3/8",
         0,
         10,
         "'10.1.2.3/8' has bits set after its prefix",
         "the network is 10.0.0.0/8, the address alone 10.1.2.3"},
        {"2001:db8::1/64",
         0,
         14,
         "'2001:db8::1/64' has bits set after its prefix",
         "the network is 2001:db8::/64, the address alone 2001:db8::1"},
        {"::ffff:10.0.0.0/90",
         16,
         2,
         "'::ffff:10.0.0.0/90' cuts into the part that says IPv4",
         "IPv4 networks are written as 10.0.0.0/8; IPv6 networks never contain them"},
        {"10.0.0",
         0,
         6,
         "'10.0.0' is neither an address nor a network",
         "such as 10.0.0.0/8, 192.0.2.7, 2001:db8::/32, unix"},
        {"010.0.0.1",
         0,
         9,
         "'010.0.0.1' is neither an address nor a network",
         "such as 10.0.0.0/8, 192.0.2.7, 2001:db8::/32, unix"},
        {"localhost",
         0,
         9,
         "'localhost' is neither an address nor a network",
         "names are not looked up; write the addresses"},
        {"[::1]", 0, 5, "'[::1]' is neither an address nor a network", "without brackets"},
        {"fe80::1%lo",
         0,
         10,
         "'fe80::1%lo' is neither an address nor a network",
         "without the interface: a network holds for all of them"},
        {"10.0.0.0/8,",
         0,
         11,
         "'10.0.0.0/8,' is neither an address nor a network",
         "separate entries by blanks or lines, not by ','"},
        {"Unix",
         0,
         4,
         "'Unix' is neither an address nor a network",
         "names are not looked up; write the addresses"},
    };

    for (const auto& each : all) {
        BOOST_TEST_CONTEXT(each.written) {
            std::vector<network_mistake> mistakes;
            const std::string around = "192.0.2.1\n " + std::string(each.written) + " ::1";
            const networks read = networks::parse(around, mistakes);
            BOOST_TEST(read.text() == "192.0.2.1 ::1");
            BOOST_REQUIRE(mistakes.size() == 1);
            BOOST_TEST(mistakes[0].offset == each.offset + 11);
            BOOST_TEST(mistakes[0].size == each.size);
            BOOST_TEST(mistakes[0].text == each.text);
            BOOST_TEST(mistakes[0].hint == each.hint);
        }
    }
}

BOOST_AUTO_TEST_CASE(deny_goes_first_and_allow_alone_means_nobody_else) {
    const struct {
        const char *allow, *deny;
        std::vector<const char*> in, out;
    } all[] = {
        {"", "", {"10.0.0.1", "::1", "unix"}, {}},
        {"10.0.0.0/8", "", {"10.0.0.1"}, {"11.0.0.1", "::1", "unix"}},
        {"", "10.0.0.0/8", {"11.0.0.1", "::1", "unix"}, {"10.0.0.1"}},
        {"10.0.0.0/8", "10.0.0.1", {"10.0.0.2"}, {"10.0.0.1", "::1"}},
        {"10.0.0.1", "10.0.0.0/8", {}, {"10.0.0.1", "10.0.0.2", "::1"}},
        {"unix", "0.0.0.0/0 ::/0", {"unix"}, {"10.0.0.1", "::1"}},
    };

    for (const auto& each : all) {
        const network_rules rules{list(each.allow), list(each.deny)};
        for (const char* member : each.in)
            BOOST_TEST(rules.permit(peer(member)), each.allow << " but " << each.deny << member);
        for (const char* member : each.out)
            BOOST_TEST(!rules.permit(peer(member)), each.allow << " but " << each.deny << member);
        BOOST_TEST(rules.permit(mapped("10.0.0.1")) == rules.permit(peer("10.0.0.1")));
    }
}

// The set answers as a walk over all entries as they were written does.
BOOST_AUTO_TEST_CASE(random_sets_answer_as_a_walk_over_their_entries) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        const auto number = [&](unsigned most) {
            return std::uniform_int_distribution(0U, most)(random);
        };
        const auto any = [&] { // near each other, so that networks overlap
            const std::string last = std::to_string(number(7) * 32);
            return number(1) == 0 ? "10." + std::to_string(number(1)) + ".0." + last
                                  : "2001:db8::" + std::to_string(number(1)) + ":" + last;
        };
        std::vector<network> entries;
        std::string text;
        for (unsigned i = 0; i < 12; ++i) {
            entries.push_back(*network::around(peer(any()), number(32), number(128)));
            text += entries.back().text() + " ";
        }
        const networks read = list(text);
        for (int i = 0; i < 50; ++i) {
            const address member = peer(any());
            BOOST_REQUIRE(
                read.contains(member) ==
                std::ranges::any_of(entries, [&](const network& n) { return n.contains(member); })
            );
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
