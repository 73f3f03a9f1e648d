#include <aio/net/deadlines.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

using namespace std::chrono_literals;
using aio::async::never;
using aio::async::time_point;
using aio::net::deadlines;
using aio::net::side;
using enum aio::net::side;
using end = aio::net::deadlines::end;

namespace {

constexpr time_point start{1000h};

/// What a row does before it is judged.
enum class act {
    nothing,
    waits,     ///< both sides wait from `start` on
    moves,     ///< they wait, and both have moved after 10 s
    moved_on,  ///< they wait, and have finished after 10 s
    waits_late ///< they wait from 10 s on
};

deadlines
made(act what, const aio::net::patience& patience, std::optional<aio::base::duration> in) {
    deadlines all;
    all.set(patience);
    if (in)
        all.expires_at(start + *in);
    for (const side which : {reading, writing}) {
        if (what == act::waits || what == act::moves || what == act::moved_on)
            all.begin(which, start);
        if (what == act::moves)
            all.progress(which, start + 10s);
        if (what == act::moved_on)
            all.finish(which);
        if (what == act::waits_late)
            all.begin(which, start + 10s);
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(deadlines_)

BOOST_AUTO_TEST_CASE(what_is_over_and_when) {
    struct row {
        act what;
        aio::net::patience patience;
        std::optional<aio::base::duration> deadline;
        aio::base::duration now;
        end reading;
        end writing;
        std::optional<aio::base::duration> due;
    };

    const aio::net::patience both{20s, 30s}, none;
    const row table[] = {
        // nothing waits: nothing is over
        {act::nothing, both, 1s, 100s, end::nothing, end::nothing, {}},
        {act::moved_on, both, 1s, 100s, end::nothing, end::nothing, {}},
        // without a limit a wait has no end
        {act::waits, none, {}, 1000h, end::nothing, end::nothing, {}},
        // each side has its patience
        {act::waits, both, {}, 19999ms, end::nothing, end::nothing, 20s},
        {act::waits, both, {}, 20s, end::patience, end::nothing, 20s},
        {act::waits, both, {}, 30s, end::patience, end::patience, 20s},
        {act::waits, {{}, 30s}, {}, 40s, end::nothing, end::patience, 30s},
        {act::waits, {20s, {}}, {}, 40s, end::patience, end::nothing, 20s},
        // which begins anew with each progress, and with the wait
        {act::moves, both, {}, 29s, end::nothing, end::nothing, 30s},
        {act::moves, both, {}, 30s, end::patience, end::nothing, 30s},
        {act::waits_late, both, {}, 29s, end::nothing, end::nothing, 30s},
        {act::waits_late, both, {}, 40s, end::patience, end::patience, 30s},
        // the deadline does not move
        {act::moves, none, 15s, 14s, end::nothing, end::nothing, 15s},
        {act::moves, none, 15s, 15s, end::deadline, end::deadline, 15s},
        {act::waits, both, 15s, 25s, end::deadline, end::deadline, 15s},
        {act::waits, both, 25s, 20s, end::patience, end::nothing, 20s},
        // also when it was over before the wait
        {act::waits_late, both, 5s, 10s, end::deadline, end::deadline, 5s},
        {act::waits, both, -5s, 0s, end::deadline, end::deadline, -5s},
        // patience without an end of its own does not overflow
        {act::waits, {aio::base::duration::max(), 20s}, {}, 10s, end::nothing, end::nothing, 20s},
        {act::waits, {0s, 0s}, {}, 0s, end::patience, end::patience, 0s},
    };
    int number = 0;
    for (const row& each : table) {
        const deadlines all = made(each.what, each.patience, each.deadline);
        const time_point due = each.due ? start + *each.due : never;
        BOOST_TEST((all.over(reading, start + each.now) == each.reading), "row " << number);
        BOOST_TEST((all.over(writing, start + each.now) == each.writing), "row " << number);
        BOOST_TEST((all.due() == due), "row " << number);
        ++number;
    }
}

BOOST_AUTO_TEST_CASE(a_wait_that_goes_on_keeps_its_beginning) {
    deadlines all;
    all.set({20s, {}});
    all.begin(reading, start);
    all.begin(reading, start + 15s);
    BOOST_TEST((all.due() == start + 20s));
}

BOOST_AUTO_TEST_CASE(the_timer_is_moved_to_earlier_times_only) {
    deadlines all;
    all.set({20s, {}});
    BOOST_TEST(!all.move_timer());
    all.begin(reading, start);
    BOOST_TEST((all.move_timer() == start + 20s));
    all.progress(reading, start + 5s);
    BOOST_TEST(!all.move_timer());
    all.finish(reading);
    all.begin(reading, start + 10s);
    BOOST_TEST(!all.move_timer());
    all.expires_at(start + 12s);
    BOOST_TEST((all.move_timer() == start + 12s));
    all.expires_at(never);
    BOOST_TEST(!all.move_timer());
    // it fires for nothing, and is set to what has become of it
    BOOST_TEST(!all.expire(reading, start + 12s));
    BOOST_TEST((all.timer_fired() == start + 30s));
    all.finish(reading);
    BOOST_TEST((all.timer_fired() == never));
}

BOOST_AUTO_TEST_CASE(what_has_expired_waits_no_longer_and_says_why) {
    deadlines all;
    all.set({20s, {}});
    all.begin(reading, start);
    BOOST_TEST(all.expire(reading, start + 20s));
    BOOST_TEST((all.verdict(reading) == end::patience));
    BOOST_TEST((all.verdict(writing) == end::nothing));
    BOOST_TEST((all.timer_fired() == never));
    all.begin(reading, start + 21s);
    BOOST_TEST((all.verdict(reading) == end::nothing));
    BOOST_TEST((all.due() == start + 41s));
}

BOOST_AUTO_TEST_CASE(a_patience_that_was_shortened_stays_so) {
    deadlines all;
    all.shorten(writing, 2s, start);
    all.set({std::nullopt, 60s});
    all.begin(reading, start);
    all.begin(writing, start);
    BOOST_TEST((all.due() == start + 2s));
    all.set({std::nullopt, 1s});
    BOOST_TEST((all.due() == start + 1s));
    all.set({std::nullopt, std::nullopt});
    BOOST_TEST((all.due() == start + 2s));
}

// Whatever happens in whatever order: a timer that is set as move_timer() and timer_fired() say
// never fires later than something is due.
BOOST_AUTO_TEST_CASE(the_timer_is_never_late) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        std::mt19937_64 dice(seed);
        deadlines all;
        time_point now = start, timer = never;
        for (int step = 0; step < 60; ++step) {
            const side which = dice() % 2 ? reading : writing;
            const auto amount = std::chrono::seconds(dice() % 30);
            switch (dice() % 6) {
            case 0:
                all.set(
                    {dice() % 3 ? std::optional<aio::base::duration>(amount) : std::nullopt,
                     std::chrono::seconds(dice() % 30)}
                );
                break;
            case 1:
                all.expires_at(dice() % 3 ? now + amount : never);
                break;
            case 2:
            case 3:
                all.begin(which, now);
                break;
            case 4:
                all.progress(which, now);
                break;
            case 5:
                all.finish(which);
                break;
            }
            if (const auto moved = all.move_timer())
                timer = *moved;
            BOOST_REQUIRE_MESSAGE(timer <= all.due(), "seed " << seed << ", step " << step);
            now += std::chrono::seconds(dice() % 5);
            if (timer > now)
                continue;
            all.expire(reading, now);
            all.expire(writing, now);
            timer = all.timer_fired();
            BOOST_REQUIRE_MESSAGE(timer > now, "seed " << seed << ", step " << step);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
