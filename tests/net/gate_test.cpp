#include "../support/few_descriptors.hpp"
#include "scripted_poll.hpp"

#include <aio/base/descriptor.hpp>
#include <aio/net/gate.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <random>
#include <vector>

using namespace aio::net;

BOOST_AUTO_TEST_SUITE(gate_)

namespace {

constexpr aio::base::duration start = std::chrono::hours(1);

descriptor_use use_of(std::size_t in_use, std::size_t to_start, std::size_t started = 0) {
    descriptor_use use;
    use.in_use = in_use;
    use.to_start = to_start;
    use.started = started;
    return use;
}

} // namespace

BOOST_AUTO_TEST_CASE(what_units_need_to_start_again_is_not_for_connections) {
    const auto reserved = [](std::size_t limit, std::size_t in_use, std::size_t to_start) {
        return reserved_descriptors(limit, use_of(in_use, to_start));
    };
    BOOST_TEST(reserved(40, 0, 0) == 10u);
    BOOST_TEST(reserved(100'000, 50, 0) == 64u);
    BOOST_TEST(reserved(40, 15, 3) == 13u);
    BOOST_TEST(reserved(1024, 20, 90) == 154u);
    BOOST_TEST(reserved(64, 20, 18) == 32u); // half of the limit at most
    BOOST_TEST(reserved(64, 30, 18) == 26u); // the addition leaves connections an eighth
    BOOST_TEST(reserved(64, 45, 18) == 16u); // the quarter does not shrink: they have three
    BOOST_TEST(reserved(64, 45, 0) == 16u);
    BOOST_TEST(reserved(64, 60, 18) == 16u);
    BOOST_TEST(reserved(64, 1000, 1000) == 16u);
    BOOST_TEST(reserved(0, 20, 18) == 0u);
}

BOOST_AUTO_TEST_CASE(the_part_for_other_work_is_an_option_and_outgoing_connections_leave_less) {
    const struct {
        std::size_t limit, always, to_start, accepted, outgoing;
    } all[] = {
        {100'000, 64, 0, 64, 16},
        {1024, 64, 90, 154, 106},
        {1024, 200, 0, 200, 50},
        {1024, 500, 0, 256, 64}, // a quarter of the limit at most
        {1024, 0, 0, 0, 0},
        {1024, 0, 9, 9, 9},
        {44, 64, 6, 17, 8},
    };

    for (const auto& each : all) {
        BOOST_TEST_CONTEXT(each.limit << ", " << each.always << ", " << each.to_start) {
            auto use = use_of(15, each.to_start);
            use.always = each.always;
            BOOST_TEST(reserved_descriptors(each.limit, use) == each.accepted);
            BOOST_TEST(
                reserved_descriptors(each.limit, use, connection_kind::outgoing) == each.outgoing
            );
        }
    }
}

// How many connections there is room for when nothing else takes descriptors.
BOOST_AUTO_TEST_CASE(what_running_units_hold_does_not_count_twice) {
    const struct {
        std::size_t limit, in_use, to_start, started;
        std::size_t reserved, connections;
    } all[] = {
        {128, 12, 60, 60, 32, 24}, // 20 processes run
        {128, 12, 60, 30, 62, 24}, // half of them have ended: their part stays free
        {128, 12, 60, 0, 64, 52},  // half of the limit at most
        {256, 12, 120, 120, 64, 60},
        {1024, 14, 540, 540, 64, 406},
        {1024, 14, 450, 450, 64, 496},
        {1024, 14, 90, 87, 67, 856},
        {1024, 14, 90, 0, 154, 856},
        {32, 12, 6, 6, 8, 6},
        {64, 20, 0, 0, 16, 28},
        {64, 20, 3, 9, 16, 19}, // more than was planned
        {24, 12, 6, 6, 6, 0},
        {24, 40, 6, 6, 6, 0},
    };

    for (const auto& each : all) {
        BOOST_TEST_CONTEXT(each.limit << ", " << each.to_start << ", " << each.started) {
            const auto use = use_of(each.in_use, each.to_start, each.started);
            BOOST_TEST(reserved_descriptors(each.limit, use) == each.reserved);
            const std::size_t open = each.in_use + each.started + each.reserved;
            BOOST_TEST((each.limit - std::min(each.limit, open)) == each.connections);
        }
    }
}

BOOST_AUTO_TEST_CASE(near_the_reserve_each_connection_is_counted) {
    BOOST_TEST(connections_per_count(0, 64) == 0u);
    BOOST_TEST(connections_per_count(64, 64) == 0u);
    BOOST_TEST(connections_per_count(127, 64) == 0u);
    BOOST_TEST(connections_per_count(128, 64) == 16u);
    BOOST_TEST(connections_per_count(320, 64) == 64u);
}

namespace {

bool is_open(std::size_t number) {
    return ::fcntl(static_cast<int>(number), F_GETFD) >= 0;
}

std::size_t counted_one_by_one(std::size_t limit) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < limit; ++i)
        sum += !is_open(i);
    return sum;
}

std::vector<aio::base::descriptor> open_all(std::size_t most) {
    std::vector<aio::base::descriptor> all;
    while (all.size() < most) {
        aio::base::descriptor next(::dup(0));
        if (!next)
            break;
        all.push_back(std::move(next));
    }
    return all;
}

} // namespace

// The lowest free number tells nothing of what is open: it becomes free when a connection ends.
BOOST_AUTO_TEST_CASE(free_descriptors_are_counted_wherever_their_numbers_are) {
    std::mt19937 random(1);
    for (const std::size_t limit : {100U, 255U, 256U, 257U, 900U}) {
        const test::few_descriptors few(limit);
        for (const unsigned open_in_64 : {0U, 8U, 32U, 56U, 62U, 63U, 64U}) {
            std::vector<aio::base::descriptor> all = open_all(limit);
            for (aio::base::descriptor& each : all)
                if (random() % 64 >= open_in_64)
                    each.reset();
            BOOST_TEST_CONTEXT(limit << ", " << open_in_64) {
                const std::size_t free = counted_one_by_one(limit);
                BOOST_TEST(free_descriptors(0, limit, limit) == free);
                BOOST_TEST(free_descriptors(0, limit, 7) == std::min<std::size_t>(free, 7));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_low_number_that_is_free_again_does_not_admit_a_connection) {
    constexpr std::size_t limit = 100;
    const test::few_descriptors few(limit);
    gate tested;
    const std::size_t reserved = reserved_descriptors(limit);
    std::vector<aio::base::descriptor> all = open_all(limit);
    for (std::size_t i = 0; i < reserved; ++i)
        all[i].reset(); // the lowest ones: an outgoing connection may have one, a client not
    BOOST_TEST(!tested.admits(0, connection_kind::accepted, start));
    BOOST_TEST(tested.admits(0, connection_kind::outgoing, start));
    all[reserved].reset();
    BOOST_TEST(tested.admits(0, connection_kind::accepted, start));
    const auto running = tested.hold(5); // less is missing than was planned
    BOOST_TEST(tested.admits(0, connection_kind::accepted, start));
}

BOOST_AUTO_TEST_CASE(what_a_unit_has_given_back_is_left_for_its_next_start) {
    constexpr std::size_t limit = 100;
    const test::few_descriptors few(limit);
    gate tested;
    tested.plan(use_of(10, 6));
    auto running = tested.hold(6);
    const std::size_t reserved = reserved_descriptors(limit, tested.now());
    std::vector<aio::base::descriptor> all = open_all(limit);
    all.resize(all.size() - reserved - 1);
    BOOST_TEST(tested.admits(0, connection_kind::accepted, start));
    running.release();
    BOOST_TEST(!tested.admits(0, connection_kind::accepted, start));
    all.resize(all.size() - 6);
    BOOST_TEST(tested.admits(0, connection_kind::accepted, start));
}

BOOST_AUTO_TEST_CASE(when_nothing_is_free_the_system_says_why_a_client_is_not_accepted) {
    const test::few_descriptors few(100);
    gate tested;
    const auto all = open_all(100);
    BOOST_TEST(tested.admits(0, connection_kind::accepted, start));
    BOOST_TEST(!tested.admits(0, connection_kind::outgoing, start));
}

BOOST_AUTO_TEST_CASE(what_a_count_admits_holds_for_a_moment_only) {
    constexpr std::size_t limit = 512;
    const test::few_descriptors few(limit);
    for (const int later : {0, 100, 101, 3'600'000}) {
        BOOST_TEST_CONTEXT(later << " ms") {
            gate tested;
            BOOST_TEST(tested.admits(0, connection_kind::accepted, start));
            const aio::base::duration then = start + std::chrono::milliseconds(later);
            const auto full = open_all(counted_one_by_one(limit) - reserved_descriptors(limit) / 2);
            BOOST_TEST(tested.admits(0, connection_kind::accepted, then) == (later <= 100));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_count_admits_a_quarter_of_the_surplus) {
    constexpr std::size_t limit = 512;
    const test::few_descriptors few(limit);
    gate tested;
    BOOST_TEST(tested.admits(0, connection_kind::accepted, start));
    const auto full = open_all(counted_one_by_one(limit) - reserved_descriptors(limit) / 2);
    std::size_t admitted = 0;
    while (admitted < limit && tested.admits(0, connection_kind::accepted, start))
        ++admitted;
    BOOST_TEST(admitted > 0u);
    BOOST_TEST(admitted <= 64u);
}

// Another loop counts while this one does, and finds less: what this one has found is out of date.
BOOST_AUTO_TEST_CASE(of_two_counts_at_a_time_the_smaller_one_admits_connections) {
    constexpr std::size_t limit = 512;
    const test::few_descriptors few(limit);
    gate tested;
    std::vector<aio::base::descriptor> full;
    {
        const test::after_poll another([&] {
            full = open_all(counted_one_by_one(limit) - reserved_descriptors(limit) / 2);
            BOOST_TEST(!tested.admits(0, connection_kind::accepted, start));
        });
        BOOST_TEST(tested.admits(0, connection_kind::accepted, start));
    }
    BOOST_REQUIRE(!full.empty());
    BOOST_TEST(!tested.admits(0, connection_kind::accepted, start));
}

BOOST_AUTO_TEST_SUITE_END()
