#include <aio/net/certificate_choice.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

using aio::net::certificate_choice;
using aio::net::shown_certificate;
using group = certificate_choice::group;

namespace {

constexpr int ec = 1, rsa = 2;

/// The certificates that a client is shown one of; "first" when its name is not found.
std::string shown(const certificate_choice& from, const std::string& name) {
    const auto found = from.find(name);
    if (!found)
        return "first";
    std::string all;
    for (const std::size_t each : from.groups().at(*found))
        all += (all.empty() ? "" : " ") + std::to_string(each);
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificate_choice_)

BOOST_AUTO_TEST_CASE(an_exact_name_comes_before_a_wildcard_and_that_before_the_first) {
    const certificate_choice all({
        {{"fallback.example"}, ec},
        {{"*.bank.example"}, ec},
        {{"www.bank.example", "bank.example"}, ec},
    });
    BOOST_TEST(shown(all, "www.bank.example") == "2");
    BOOST_TEST(shown(all, "bank.example") == "2");
    BOOST_TEST(shown(all, "mail.bank.example") == "1");
    BOOST_TEST(shown(all, "fallback.example") == "0");
    BOOST_TEST(shown(all, "other.example") == "first");
    BOOST_TEST(shown(all, "") == "first");
    BOOST_TEST((all.groups().front() == group{0}));
}

BOOST_AUTO_TEST_CASE(a_wildcard_stands_for_one_label) {
    const certificate_choice all({{{"x"}, ec}, {{"*.bank.example"}, ec}});
    BOOST_TEST(shown(all, "a.b.bank.example") == "first");
    BOOST_TEST(shown(all, "bank.example") == "first");
    BOOST_TEST(shown(all, ".bank.example") == "first");
    BOOST_TEST(shown(all, "*.bank.example") == "first"); // no host has such a name
}

BOOST_AUTO_TEST_CASE(neither_case_nor_the_dot_at_the_end_counts) {
    const certificate_choice all({{{"x"}, ec}, {{"Www.Bank.Example", "*.SHOP.example"}, ec}});
    for (const char* name :
         {"www.bank.example",
          "WWW.bank.EXAMPLE",
          "www.bank.example.",
          "a.shop.example.",
          "A.Shop.Example"})
        BOOST_TEST(shown(all, name) == "1");
}

BOOST_AUTO_TEST_CASE(kinds_of_keys_of_one_name_are_shown_together) {
    const certificate_choice all({
        {{"bank.example"}, rsa},
        {{"bank.example", "shop.example"}, ec},
        {{"shop.example"}, ec},
    });
    BOOST_TEST(shown(all, "bank.example") == "0 1");
    BOOST_TEST(shown(all, "shop.example") == "1"); // the first of its kind
    BOOST_TEST((all.groups().front() == group{0, 1}));
    BOOST_TEST((all.unused() == std::vector<std::size_t>{2}));
}

BOOST_AUTO_TEST_CASE(a_certificate_without_a_name_is_only_the_first) {
    const certificate_choice one({{{}, ec}, {{}, rsa}, {{"a"}, ec}});
    BOOST_TEST((one.groups().front() == group{0}));
    BOOST_TEST(shown(one, "a") == "2");
    BOOST_TEST((one.unused() == std::vector<std::size_t>{1}));
    const certificate_choice none(std::vector<shown_certificate>{});
    BOOST_TEST(none.groups().empty());
    BOOST_TEST(shown(none, "a") == "first");
}

BOOST_AUTO_TEST_SUITE_END()
