#include <aio/net/transport_phase.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

using namespace aio::net;

BOOST_AUTO_TEST_SUITE(transport_phase_)

BOOST_AUTO_TEST_CASE(a_life_goes_forward_only) {
    using enum transport_phase;
    constexpr transport_phase all[] = {open, shut, broken, closing, failed, ended, departing};
    // Rows: from; columns: asked.
    constexpr transport_phase table[7][7] = {
        {open, shut, broken, closing, failed, ended, departing},
        {shut, shut, broken, closing, failed, ended, departing},
        {broken, broken, broken, failed, failed, ended, departing},
        {closing, closing, closing, closing, failed, ended, departing},
        {failed, failed, failed, failed, failed, ended, departing},
        {ended, ended, ended, ended, ended, ended, departing},
        {departing, departing, departing, departing, departing, departing, departing},
    };
    for (std::size_t from = 0; from < 7; ++from)
        for (std::size_t asked = 0; asked < 7; ++asked)
            BOOST_TEST(
                (advance(all[from], all[asked]) == table[from][asked]), from << " to " << asked
            );
}

BOOST_AUTO_TEST_CASE(what_each_phase_allows) {
    struct row {
        transport_phase phase;
        bool takes_data;
        bool hands_over;
        bool due_to_end;
        bool due_to_end_with_kept;
    };

    for (const row& each : {
             row{transport_phase::open, true, true, false, false},
             row{transport_phase::shut, false, true, false, false},
             row{transport_phase::broken, false, true, false, false},
             row{transport_phase::closing, false, false, true, false},
             row{transport_phase::failed, false, false, true, true},
             row{transport_phase::ended, false, false, false, false},
             row{transport_phase::departing, false, false, false, false},
         }) {
        BOOST_TEST(takes_data(each.phase) == each.takes_data);
        BOOST_TEST(hands_over(each.phase) == each.hands_over);
        BOOST_TEST(is_due_to_end(each.phase, false) == each.due_to_end);
        BOOST_TEST(is_due_to_end(each.phase, true) == each.due_to_end_with_kept);
    }
}

BOOST_AUTO_TEST_SUITE_END()
