#include <aio/net/datagram_phase.hpp>

#include <boost/test/unit_test.hpp>

#include <initializer_list>

using namespace aio::net;

namespace {

datagram_phase after_all(std::initializer_list<datagram_event> events) {
    datagram_phase phase = datagram_phase::open;
    for (const datagram_event event : events)
        phase = after(phase, event);
    return phase;
}

constexpr datagram_phase phases[] = {
    datagram_phase::open,
    datagram_phase::draining,
    datagram_phase::finishing,
    datagram_phase::drained,
    datagram_phase::closing,
};
constexpr datagram_event events[] = {
    datagram_event::input_ends,
    datagram_event::emptied,
    datagram_event::finish,
    datagram_event::close,
};

} // namespace

BOOST_AUTO_TEST_SUITE(datagram_phase_)

BOOST_AUTO_TEST_CASE(a_socket_that_is_empty_goes_on_until_its_input_ends) {
    using enum datagram_event;
    BOOST_TEST((after_all({emptied, emptied}) == datagram_phase::open));
    BOOST_TEST((after_all({input_ends}) == datagram_phase::draining));
    BOOST_TEST((after_all({input_ends, emptied}) == datagram_phase::drained));
    BOOST_TEST((after_all({input_ends, emptied, input_ends}) == datagram_phase::drained));
}

BOOST_AUTO_TEST_CASE(a_finish_waits_only_for_what_is_to_be_handed_over) {
    using enum datagram_event;
    BOOST_TEST((after_all({finish}) == datagram_phase::closing));
    BOOST_TEST((after_all({input_ends, finish}) == datagram_phase::finishing));
    BOOST_TEST((after_all({input_ends, finish, input_ends}) == datagram_phase::finishing));
    BOOST_TEST((after_all({input_ends, finish, emptied}) == datagram_phase::closing));
    BOOST_TEST((after_all({input_ends, emptied, finish}) == datagram_phase::closing));
}

BOOST_AUTO_TEST_CASE(a_close_counts_in_every_phase_and_nothing_undoes_it) {
    for (const datagram_phase phase : phases)
        BOOST_TEST((after(phase, datagram_event::close) == datagram_phase::closing));
    for (const datagram_event event : events)
        BOOST_TEST((after(datagram_phase::closing, event) == datagram_phase::closing));
}

BOOST_AUTO_TEST_CASE(no_event_lets_a_socket_receive_again) {
    for (const datagram_phase phase : phases)
        for (const datagram_event event : events)
            BOOST_TEST((receives(phase) || !receives(after(phase, event))));
}

BOOST_AUTO_TEST_SUITE_END()
