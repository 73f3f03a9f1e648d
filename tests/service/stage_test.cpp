#include <aio/service/stage.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::service;

BOOST_AUTO_TEST_SUITE(stage_)

BOOST_AUTO_TEST_CASE(a_life_goes_forward_and_begins_again_after_its_end) {
    using enum stage;
    constexpr stage all[] = {made, starting, with_children, stopping, closing, stopped};
    // Rows: from; columns: next.
    constexpr bool table[6][6] = {
        // made starting with_children stopping closing stopped
        {false, true, false, false, false, false}, // made
        {false, false, true, true, true, true},    // starting
        {false, false, false, true, true, true},   // with_children
        {false, false, false, false, true, true},  // stopping
        {false, false, false, false, false, true}, // closing
        {false, true, false, false, false, false}, // stopped
    };
    for (std::size_t from = 0; from < 6; ++from)
        for (std::size_t next = 0; next < 6; ++next)
            BOOST_TEST(
                may_follow(all[from], all[next]) == table[from][next], from << " to " << next
            );
}

BOOST_AUTO_TEST_CASE(what_each_stage_allows) {
    struct row {
        stage at;
        bool alive;
        bool told_to_stop;
        bool tasks;
    };

    for (const row& each : {
             row{stage::made, false, false, false},
             row{stage::starting, true, false, true},
             row{stage::with_children, true, false, true},
             row{stage::stopping, true, true, true},
             row{stage::closing, true, true, false},
             row{stage::stopped, false, true, false},
         }) {
        BOOST_TEST(is_alive(each.at) == each.alive);
        BOOST_TEST(is_told_to_stop(each.at) == each.told_to_stop);
        BOOST_TEST(takes_tasks(each.at) == each.tasks);
    }
}

BOOST_AUTO_TEST_SUITE_END()
