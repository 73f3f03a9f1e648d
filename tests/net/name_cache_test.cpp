#include <aio/net/error.hpp>
#include <aio/net/name_cache.hpp>

#include <boost/test/unit_test.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using net::address;
using net::lookup_failure;
using net::lookup_trouble;
using net::name_cache;
using net::name_key;

namespace {

constexpr async::time_point zero{};

std::vector<address> addresses(const char* literal) {
    return {*address::parse(literal, 0)};
}

lookup_failure trouble(lookup_trouble kind, const char* text) {
    return {kind, std::make_exception_ptr(std::runtime_error(text))};
}

const auto gone = trouble(lookup_trouble::no_such_name, "no such name");
const auto silent = trouble(lookup_trouble::resolver, "no server");
const auto poor = trouble(lookup_trouble::local, "no memory");

std::string words(const std::exception_ptr& why) {
    try {
        std::rethrow_exception(why);
    } catch (const std::exception& e) {
        return e.what();
    }
}

std::string text(const name_cache::answer& answer) {
    struct to_text {
        std::string operator()(const name_cache::use& a) const {
            return a.found.front().host() + (a.age ? " of " + base::format(*a.age) : "");
        }

        std::string operator()(const name_cache::fail& a) const { return "fail " + words(a.why); }

        std::string operator()(const name_cache::wait& a) const {
            return "wait " + base::format(a.limit);
        }

        std::string operator()(const name_cache::begin& a) const {
            return "begin " + base::format(a.limit);
        }
    };

    return std::visit(to_text{}, answer);
}

struct fixture {
    std::string ask(base::duration time) { return text(cache.ask(bank, zero + time)); }

    std::string ended(base::duration time, net::lookup_result result) {
        return text(cache.ended(bank, std::move(result), zero + time));
    }

    std::string too_late(base::duration time) { return text(cache.too_late(bank, zero + time)); }

    name_cache cache{{}};
    name_key bank{"bank.example", net::family::none};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(name_cache_, fixture)

BOOST_AUTO_TEST_CASE(the_first_one_begins_a_lookup_and_the_others_wait_for_it) {
    BOOST_TEST(ask(0s) == "begin 10s");
    BOOST_TEST(ask(1s) == "wait 10s");
    BOOST_TEST(ask(20s) == "wait 10s");
    BOOST_TEST(ended(21s, addresses("10.0.0.1")) == "10.0.0.1");
    BOOST_TEST(ask(21s) == "10.0.0.1");
}

BOOST_AUTO_TEST_CASE(an_answer_is_good_for_five_seconds) {
    ask(0s);
    ended(0s, addresses("10.0.0.1"));
    BOOST_TEST(ask(4999ms) == "10.0.0.1");
    BOOST_TEST(ask(5s) == "begin 1.8s");
    BOOST_TEST(ended(5s, addresses("10.0.0.2")) == "10.0.0.2");
    BOOST_TEST(ask(9999ms) == "10.0.0.2");
}

BOOST_AUTO_TEST_CASE(a_failure_is_good_for_a_second) {
    for (const auto& why : {gone, silent}) {
        name_cache cache({});
        cache.ask(bank, zero);
        BOOST_TEST(text(cache.ended(bank, why, zero)) == "fail " + words(why.why));
        BOOST_TEST(text(cache.ask(bank, zero + 999ms)) == "fail " + words(why.why));
        BOOST_TEST(text(cache.ask(bank, zero + 1s)) == "begin 10s");
    }
}

BOOST_AUTO_TEST_CASE(a_lack_of_this_process_is_not_remembered) {
    ask(0s);
    BOOST_TEST(ended(0s, poor) == "fail no memory");
    BOOST_TEST(ask(0s) == "begin 10s");
}

BOOST_AUTO_TEST_CASE(the_last_good_answer_serves_for_five_minutes_while_the_resolver_fails) {
    for (const auto& why : {silent, poor}) {
        name_cache cache({});
        const auto at = [](base::duration moment) { return zero + moment; };
        cache.ask(bank, zero);
        cache.ended(bank, addresses("10.0.0.1"), zero);
        cache.ask(bank, at(6s));
        BOOST_TEST(text(cache.ended(bank, why, at(7s))) == "10.0.0.1 of 7s");
        cache.ask(bank, at(299s));
        BOOST_TEST(text(cache.ended(bank, why, at(299s))) == "10.0.0.1 of 4m59s");
        cache.ask(bank, at(301s));
        BOOST_TEST(text(cache.ended(bank, why, at(301s))) == "fail " + words(why.why));
    }
}

BOOST_AUTO_TEST_CASE(a_remembered_failure_does_not_hide_the_last_good_answer) {
    ask(0s);
    ended(0s, addresses("10.0.0.1"));
    ask(6s);
    ended(6s, silent);
    BOOST_TEST(ask(6500ms) == "10.0.0.1 of 6.5s");
    BOOST_TEST(ask(7s) == "begin 1.8s");
    BOOST_TEST(ended(7s, addresses("10.0.0.2")) == "10.0.0.2");
    BOOST_TEST(ask(8s) == "10.0.0.2");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_gone_has_no_last_good_answer) {
    ask(0s);
    ended(0s, addresses("10.0.0.1"));
    ask(6s);
    BOOST_TEST(ended(6s, gone) == "fail no such name");
    ask(8s);
    BOOST_TEST(ended(8s, silent) == "fail no server");
}

BOOST_AUTO_TEST_CASE(a_silent_resolver_holds_nobody_up_for_long_who_has_a_last_good_answer) {
    ask(0s);
    ended(0s, addresses("10.0.0.1"));
    BOOST_TEST(ask(10s) == "begin 1.8s");
    BOOST_TEST(ask(11s) == "wait 1.8s");
    BOOST_TEST(too_late(11800ms) == "10.0.0.1 of 11.8s");
    BOOST_TEST(ask(12s) == "10.0.0.1 of 12s");
    BOOST_TEST(ask(299s) == "10.0.0.1 of 4m59s");
    BOOST_TEST(ask(300s) == "wait 10s");
    BOOST_TEST(too_late(310s) == "fail cannot resolve 'bank.example': no answer within 10s");
    BOOST_TEST(ended(400s, addresses("10.0.0.2")) == "10.0.0.2");
    BOOST_TEST(ask(401s) == "10.0.0.2");
}

BOOST_AUTO_TEST_CASE(names_differ_by_family_but_not_by_case) {
    ask(0s);
    ended(0s, addresses("10.0.0.1"));
    BOOST_TEST(text(cache.ask({"BANK.Example", net::family::none}, zero)) == "10.0.0.1");
    BOOST_TEST(text(cache.ask({"bank.example", net::family::v6}, zero)) == "begin 10s");
    BOOST_TEST(text(cache.ask({"bank.example.", net::family::none}, zero)) == "begin 10s");
}

BOOST_AUTO_TEST_CASE(there_is_a_bound_and_the_names_asked_for_last_stay) {
    name_cache::rules few;
    few.most_names = 3;
    name_cache cache(few);
    const auto learn = [&](const char* name) {
        const name_key key(name, net::family::none);
        cache.ask(key, zero);
        cache.ended(key, addresses("10.0.0.1"), zero);
    };
    const auto knows = [&](const char* name) {
        return text(cache.too_late({name, net::family::none}, zero)).starts_with("10.0.0.1");
    };
    learn("a");
    learn("b");
    learn("c");
    cache.ask({"a", net::family::none}, zero);
    learn("d");
    BOOST_TEST(cache.size() == 3u);
    BOOST_TEST(knows("a"));
    BOOST_TEST(!knows("b"));
    BOOST_TEST(knows("c"));
    BOOST_TEST(knows("d"));
}

BOOST_AUTO_TEST_CASE(a_name_whose_lookup_is_on_its_way_is_not_forgotten) {
    name_cache::rules few;
    few.most_names = 2;
    name_cache cache(few);
    for (const char* name : {"a", "b", "c"})
        BOOST_TEST(text(cache.ask({name, net::family::none}, zero)) == "begin 10s");
    for (const char* name : {"a", "b", "c"})
        BOOST_TEST(text(cache.ask({name, net::family::none}, zero)) == "wait 10s");
    BOOST_TEST(cache.size() == 3u);
    for (const char* name : {"a", "b", "c"})
        cache.ended({name, net::family::none}, gone, zero);
    cache.ask({"d", net::family::none}, zero);
    BOOST_TEST(cache.size() <= 3u);
}

BOOST_AUTO_TEST_SUITE_END()
