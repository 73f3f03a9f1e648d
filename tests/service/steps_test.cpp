#include <aio/service/steps.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::service;

namespace {

constexpr phase phases[] = {phase::down, phase::starting, phase::up, phase::stopping};

} // namespace

BOOST_AUTO_TEST_SUITE(steps)

BOOST_AUTO_TEST_CASE(a_unit_goes_towards_what_is_wanted) {
    struct row {
        phase at;
        bool wanted;
        bool keeps_in_vain;
        step next;
    };

    for (const row& each : {
             row{phase::down, true, false, step::start},
             row{phase::down, true, true, step::start},
             row{phase::down, false, false, step::none},
             row{phase::down, false, true, step::stop},
             row{phase::starting, true, false, step::none},
             row{phase::starting, false, false, step::cancel_start},
             row{phase::up, true, false, step::none},
             row{phase::up, false, false, step::stop},
             row{phase::stopping, true, false, step::none},
             row{phase::stopping, false, false, step::none},
         })
        BOOST_TEST(
            (next_step(each.at, each.wanted, each.keeps_in_vain) == each.next),
            static_cast<int>(each.at) << " " << each.wanted << each.keeps_in_vain
        );
}

BOOST_AUTO_TEST_CASE(only_a_unit_that_is_down_gives_back_what_it_keeps) {
    for (const phase at : phases)
        if (at != phase::down)
            for (const bool wanted : {false, true})
                BOOST_TEST((next_step(at, wanted, true) == next_step(at, wanted, false)));
}

BOOST_AUTO_TEST_CASE(what_is_out_of_time_is_cancelled_then_not_waited_for_then_left) {
    struct row {
        phase at;
        overrun so_far;
        bool tree_stops;
        expiry next;
    };

    for (const row& each : {
             row{phase::starting, overrun::none, false, expiry::cancel_start},
             row{phase::starting, overrun::late, false, expiry::stop_waiting},
             row{phase::starting, overrun::cancelled, false, expiry::stop_waiting},
             row{phase::starting, overrun::none, true, expiry::stop_waiting},
             row{phase::starting, overrun::late, true, expiry::stop_waiting},
             row{phase::starting, overrun::cancelled, true, expiry::stop_waiting},
             row{phase::starting, overrun::hung, true, expiry::leave_unfinished},
             row{phase::stopping, overrun::none, false, expiry::cancel_stop},
             row{phase::stopping, overrun::none, true, expiry::cancel_stop},
             row{phase::stopping, overrun::cancelled, false, expiry::stop_waiting},
             row{phase::stopping, overrun::cancelled, true, expiry::stop_waiting},
             row{phase::stopping, overrun::hung, true, expiry::leave_unfinished},
         })
        BOOST_TEST(
            (on_expiry(each.at, each.so_far, each.tree_stops) == each.next),
            static_cast<int>(each.at) << " " << static_cast<int>(each.so_far) << each.tree_stops
        );
}

BOOST_AUTO_TEST_CASE(every_stop_comes_to_an_end_after_three_limits) {
    for (const bool tree_stops : {false, true}) {
        BOOST_TEST((on_expiry(phase::stopping, overrun::none, tree_stops) == expiry::cancel_stop));
        BOOST_TEST(
            (on_expiry(phase::stopping, overrun::cancelled, tree_stops) == expiry::stop_waiting)
        );
        BOOST_TEST(
            (on_expiry(phase::stopping, overrun::hung, tree_stops) == expiry::leave_unfinished)
        );
    }
}

BOOST_AUTO_TEST_CASE(every_start_comes_to_an_end_after_two_limits) {
    BOOST_TEST((on_expiry(phase::starting, overrun::none, false) == expiry::cancel_start));
    for (const overrun cancelled : {overrun::late, overrun::cancelled})
        BOOST_TEST((on_expiry(phase::starting, cancelled, false) == expiry::stop_waiting));
}

BOOST_AUTO_TEST_SUITE_END()
