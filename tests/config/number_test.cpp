#include "support.hpp"

#include <aio/config/load.hpp>
#include <aio/config/number.hpp>

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>

using namespace aio::config;

namespace {

/// What `n` is of a section with this text.
std::string said(const std::string& text, const schema& declared) {
    inputs in;
    in.files.emplace_back("t.conf", "[s]\n" + text);
    const tree all = merge(in);
    const schema* const by[] = {&declared};
    aio::base::diagnostics problems;
    const options from = read(*all.find("s"), by, unknown::keep, problems);
    try {
        const auto found = whole_number(from, "n", {0, 100});
        return found ? std::to_string(*found) : "nothing";
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(number)

BOOST_AUTO_TEST_CASE(declared_or_not_it_is_read_alike) {
    schema none, plain, standard, as_text, word;
    plain.add("n", type::integer, "");
    standard.option("n", 7, "");
    as_text.option("n", "8", "");
    word.option("n", 9, "").words({"none"});
    for (const schema* one : {&none, &plain, &standard, &as_text, &word}) {
        BOOST_TEST(said("n = 42\n", *one) == "42");
        BOOST_TEST(said("n = +1_0\n", *one) == "10");
        BOOST_TEST(said("n = 101\n", *one) == "n '101' is no number from 0 to 100");
        BOOST_TEST(said("n = -1\n", *one) == "n '-1' is no number from 0 to 100");
    }
    for (const schema* one : {&none, &plain, &as_text})
        BOOST_TEST(said("x = 1\n", *one) == "nothing");
    BOOST_TEST(said("x = 1\n", standard) == "7");
    BOOST_TEST(said("n = none\n", word) == "nothing");
    BOOST_TEST(said("n = none\n", none) == "n 'none' is no number from 0 to 100");
}

BOOST_AUTO_TEST_SUITE_END()
