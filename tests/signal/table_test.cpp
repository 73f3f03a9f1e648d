#include <aio/signal/table.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <utility>

using namespace aio::signal;

namespace {

struct callee final : listeners::callee {
    callee() : listeners::callee(&call, nullptr) {}

    static void call(listeners::callee&, const event&, std::any*) {}
};

struct world {
    const int f = 0, g = 0; // functions and senders are told apart by their address
    table known;

    static std::shared_ptr<record>
    made(std::string name, const void* function, const void* sender = nullptr) {
        auto listens = std::make_shared<record>();
        listens->name = std::move(name);
        listens->callee = std::make_shared<callee>();
        listens->identity = function;
        listens->from = sender;
        return listens;
    }

    std::size_t hearing(std::string_view name) {
        const auto heard_by = known.find(name);
        return heard_by ? heard_by->seats.size() : 0;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(table_matches)

BOOST_AUTO_TEST_CASE(a_star_stands_for_any_text) {
    struct row {
        const char* pattern;
        const char* name;
        bool matches;
    };

    for (const row& one : {
             row{"a", "a", true},
             row{"a", "A", true},
             row{"a", "b", false},
             row{"*", "", true},
             row{"*", "anything", true},
             row{"server.*", "server.up", true},
             row{"server.*", "server.", true},
             row{"server.*", "server", false},
             row{"SERVER.*", "server.up", true},
             row{"*.up", "server.up", true},
             row{"*.up", "server.upper", false},
             row{"a*b*c", "a--b--c", true},
             row{"a*b*c", "abcbc", true},
             row{"a*b*c", "acb", false},
             row{"**", "x", true},
             row{"", "", true},
             row{"", "x", false},
         })
        BOOST_TEST(
            matches(one.pattern, one.name) == one.matches, one.pattern << " and " << one.name
        );
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(table_records, world)

BOOST_AUTO_TEST_CASE(a_function_is_found_by_its_name_and_sender) {
    const subscription plain = known.add(made("a", &f));
    const subscription sent = known.add(made("a", &f, &g));
    const subscription pattern = known.add(made("a*", &f));
    known.add(made("a", nullptr));
    BOOST_TEST(known.find_same(*made("a", &f))->id == plain);
    BOOST_TEST(known.find_same(*made("a", &f, &g))->id == sent);
    BOOST_TEST(known.find_same(*made("a*", &f))->id == pattern);
    BOOST_TEST(!known.find_same(*made("a", &f, &f)));
    BOOST_TEST(!known.find_same(*made("a", &g)));
    BOOST_TEST(!known.find_same(*made("b", &f)));
    BOOST_TEST(!known.find_same(*made("a", nullptr)));
}

BOOST_AUTO_TEST_CASE(a_function_that_has_had_its_only_call_may_listen_again) {
    const auto spent = made("a", &f);
    const subscription first = known.add(spent);
    spent->spent = true;
    BOOST_TEST(!known.find_same(*made("a", &f)));
    const subscription second = known.add(made("a", &f));
    BOOST_TEST(known.find_same(*made("a", &f))->id == second);
    BOOST_TEST(known.remove(first).size() == 1u);
    BOOST_TEST(known.find_same(*made("a", &f))->id == second);
    BOOST_TEST(known.remove(second).size() == 1u);
    BOOST_TEST(!known.find_same(*made("a", &f)));
}

BOOST_AUTO_TEST_CASE(a_removed_function_is_removed_for_every_sender_and_for_one_name_only) {
    known.add(made("a", &f));
    known.add(made("a", &f, &f));
    known.add(made("a", &f, &g));
    known.add(made("a", &g));
    known.add(made("b", &f));
    BOOST_TEST(known.remove("A", &f).size() == 3u);
    BOOST_TEST(known.remove("a", &f).empty());
    BOOST_TEST(known.remove("a", nullptr).empty());
    BOOST_TEST(hearing("a") == 1u);
    BOOST_TEST(hearing("b") == 1u);
}

BOOST_AUTO_TEST_CASE(very_many_listeners_of_one_name_come_and_go) {
    constexpr std::size_t many = 20'000;
    const std::string functions(many, ' ');
    for (const char& function : functions) {
        auto listens = made("a", &function);
        BOOST_REQUIRE(!known.find_same(*listens));
        known.add(std::move(listens));
    }
    BOOST_TEST(hearing("a") == many);
    for (const char& function : functions)
        BOOST_REQUIRE(known.remove("a", &function).size() == 1u);
    BOOST_TEST(hearing("a") == 0u);
    BOOST_TEST(known.names().empty());
}

BOOST_AUTO_TEST_CASE(they_are_called_in_the_order_in_which_they_began_to_listen) {
    const subscription first = known.add(made("a*", &f));
    const subscription second = known.add(made("ab", &f));
    const subscription third = known.add(made("*b", &f));
    const auto heard_by = known.find("ab");
    BOOST_REQUIRE(heard_by->records.size() == 3u);
    BOOST_TEST(heard_by->records[0]->id == first);
    BOOST_TEST(heard_by->records[1]->id == second);
    BOOST_TEST(heard_by->records[2]->id == third);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(table_patterns, world)

BOOST_AUTO_TEST_CASE(the_audience_of_a_name_that_only_patterns_hear_is_built_once) {
    known.add(made("a*", &f));
    const auto first = known.find("ab");
    BOOST_TEST(first.get() == known.find("AB").get());
    BOOST_TEST(!known.find("b"));
    BOOST_TEST(!known.find("b"));
    BOOST_TEST(known.kept_by_patterns() == 2u);
}

BOOST_AUTO_TEST_CASE(a_listener_that_comes_or_goes_is_seen_by_the_next_emit) {
    const subscription first = known.add(made("a*", &f));
    BOOST_TEST(hearing("ab") == 1u);
    BOOST_TEST(hearing("b") == 0u);
    const subscription second = known.add(made("*b", &f));
    BOOST_TEST(hearing("ab") == 2u);
    BOOST_TEST(hearing("b") == 1u);
    const subscription exact = known.add(made("ab", &f));
    BOOST_TEST(hearing("ab") == 3u);
    known.remove(exact);
    BOOST_TEST(hearing("ab") == 2u);
    known.remove(first);
    BOOST_TEST(hearing("ab") == 1u);
    known.remove(second);
    BOOST_TEST(hearing("ab") == 0u);
    BOOST_TEST(known.kept_by_patterns() == 0u);
}

BOOST_AUTO_TEST_CASE(a_removed_listener_is_not_kept_alive) {
    auto listens = made("a*", &f);
    const std::weak_ptr<record> alive = listens;
    const subscription id = known.add(std::move(listens));
    BOOST_TEST(hearing("ab") == 1u);
    known.remove(id);
    BOOST_TEST(alive.expired());
}

BOOST_AUTO_TEST_CASE(any_number_of_names_takes_bounded_memory) {
    known.add(made("connection.*", &f));
    for (int i = 0; i < 10'000; ++i) {
        BOOST_REQUIRE(hearing("connection." + std::to_string(i)) == 1u);
        BOOST_REQUIRE(hearing("other." + std::to_string(i)) == 0u);
        BOOST_REQUIRE(known.kept_by_patterns() <= table::most_by_patterns);
    }
}

BOOST_AUTO_TEST_SUITE_END()
