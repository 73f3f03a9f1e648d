// Several handlers write to one file, and rotate it.

#include <aio/log/file.hpp>
#include <aio/log/record.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

using namespace aio::log;
namespace fs = std::filesystem;

namespace {

constexpr int midnight = 11 * 86'400, day = 86'400, noon = day / 2;

/// The second handler begins a new part each day. So does the first one, unless a test says
/// otherwise.
struct fixture : aio::testing::temporary_folder {
    timed_args daily = timed(period::midnight, 1);
    output_services services;
    std::unique_ptr<output> first, second;

    timed_args timed(period every, unsigned interval) const {
        timed_args made;
        made.path = *this / "x.log";
        made.every = every;
        made.interval = interval;
        made.utc = true;
        return made;
    }

    template <typename Args>
    void begin_at_noon(const Args& of_first) {
        first = open_file(of_first, "", services);
        second = open_file(daily, "", services);
        add(second, -noon);
        add(first, -noon);
    }

    /// A record of that second, counted from the midnight that follows.
    static void add(const std::unique_ptr<output>& log, int second) {
        record made;
        made.time = std::chrono::system_clock::time_point(std::chrono::seconds(midnight + second));
        log->write(made, "a line that is long enough");
        log->flush();
    }

    void empty() const {
        for (const auto& entry : fs::directory_iterator(path()))
            fs::remove(entry);
    }

    /// Parts whose names have a date and no time.
    std::ptrdiff_t days() const {
        return std::ranges::count_if(
            fs::directory_iterator(path()),
            fs::directory_iterator(),
            [](const fs::directory_entry& entry) {
                const std::string name = entry.path().filename();
                return name.starts_with("x.log.1970-01-1") && name.find('_') == name.npos;
            }
        );
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(shared_file_, fixture)

BOOST_AUTO_TEST_CASE(the_end_of_a_period_is_one_rotation) {
    for (const int late : {0, 1, noon}) {
        begin_at_noon(daily);
        add(first, 0);
        add(second, late);
        add(second, late + 1);
        BOOST_TEST(days() == 1);
        add(second, day);
        add(first, day);
        BOOST_TEST(days() == 2);
        empty();
    }
    BOOST_TEST(services.lost.count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_that_was_followed_by_a_flush_has_its_own_period) {
    begin_at_noon(daily);
    add(first, 0);
    second->flush();
    add(second, 1);
    BOOST_TEST(days() == 1);
}

BOOST_AUTO_TEST_CASE(a_late_record_of_another_thread_does_not_begin_a_period_again) {
    begin_at_noon(daily);
    add(first, 0);
    add(second, -1);
    add(first, 1);
    add(second, 1);
    BOOST_TEST(days() == 1);
}

BOOST_AUTO_TEST_CASE(a_shorter_period_or_a_size_that_is_reached_first_counts) {
    for (const bool by_size : {false, true}) {
        if (by_size)
            begin_at_noon(rotating_args{*this / "x.log", true, 10, 1});
        else
            begin_at_noon(timed(period::hour, 1));
        add(first, 0);
        add(first, 1);
        add(second, 2);
        BOOST_TEST(days() == 0);
        add(second, day);
        BOOST_TEST(days() == 1);
        empty();
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_all_reopen_has_its_own_period) {
    begin_at_noon(daily);
    fs::rename(path() / "x.log", path() / "moved");
    BOOST_TEST(first->reopen() == "");
    BOOST_TEST(second->reopen() == "");
    add(first, 0);
    add(second, 0);
    add(first, 1);
    BOOST_TEST(days() == 0);
    BOOST_TEST(fs::file_size(path() / "x.log") == 3u * 27);
}

BOOST_AUTO_TEST_CASE(a_file_that_another_program_empties_begins_anew_for_all) {
    begin_at_noon(daily);
    fs::resize_file(path() / "x.log", 0);
    add(first, 0);
    add(second, 0);
    BOOST_TEST(days() == 0);
}

BOOST_AUTO_TEST_CASE(a_handler_that_is_opened_later_knows_the_period_of_the_file) {
    begin_at_noon(daily);
    add(first, 0);
    second = open_file(daily, "", services);
    add(second, 1);
    BOOST_TEST(days() == 1);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_begins_the_period_for_all) {
    begin_at_noon(daily);
    add(first, -noon - day);
    add(second, -noon - day);
    BOOST_TEST(days() == 0);
    add(second, -day);
    add(first, -day);
    BOOST_TEST(days() == 1);
}

BOOST_AUTO_TEST_CASE(the_late_clock_of_a_file_system_does_not_make_a_file_a_day_older) {
    const auto parts = [&](long nanoseconds) { // of the last second of a day
        empty();
        write("x.log", "first\n");
        const timespec written{midnight - 1, nanoseconds}, times[2] = {written, written};
        BOOST_REQUIRE(::utimensat(AT_FDCWD, daily.path.c_str(), times, 0) == 0);
        add(open_file(daily, "", services), noon);
        return days();
    };
    BOOST_TEST(parts(995'000'000) == 0);
    BOOST_TEST(parts(985'000'000) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
