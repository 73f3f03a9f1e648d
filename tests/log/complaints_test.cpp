#include <aio/base/descriptor.hpp>
#include <aio/log/complaints.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

using namespace aio::log;

namespace {

/// Standard error as a pipe whose reader stands still until read() is called.
struct full_standard_error {
    aio::base::descriptor kept{::dup(STDERR_FILENO)};
    aio::base::descriptor reader;
    complaints to;

    explicit full_standard_error(int flags) {
        std::array<int, 2> ends{};
        BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        reader.reset(ends[0]);
        const aio::base::descriptor writer(ends[1]);
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
        ::fcntl(ends[1], F_SETFL, flags);
        const std::string page(4096, '.');
        const int room = 4096;
        for (int size = ::fcntl(ends[1], F_GETPIPE_SZ); size > room; size -= 4096)
            BOOST_REQUIRE(::write(ends[1], page.data(), page.size()) == 4096);
        ::dup2(ends[1], STDERR_FILENO);
    }

    full_standard_error(const full_standard_error&) = delete;
    full_standard_error& operator=(const full_standard_error&) = delete;

    ~full_standard_error() { ::dup2(kept.get(), STDERR_FILENO); }

    std::string read() const {
        std::string all;
        std::array<char, 65536> room{};
        for (ssize_t n = 0; (n = ::read(reader.get(), room.data(), room.size())) > 0;)
            all.append(room.data(), static_cast<std::size_t>(n));
        return all.substr(std::min(all.find_first_not_of('.'), all.size()));
    }
};

/// What standard error gets.
class heard_standard_error {
  public:
    heard_standard_error() { ::dup2(file_.get(), STDERR_FILENO); }

    heard_standard_error(const heard_standard_error&) = delete;
    heard_standard_error& operator=(const heard_standard_error&) = delete;

    ~heard_standard_error() { ::dup2(kept_.get(), STDERR_FILENO); }

    /// Since the last call.
    std::string text() {
        std::array<char, 65536> room{};
        const auto size = ::pread(file_.get(), room.data(), room.size(), read_);
        read_ += size;
        return {room.data(), static_cast<std::size_t>(size)};
    }

  private:
    aio::base::descriptor kept_{::dup(STDERR_FILENO)};
    aio::base::descriptor file_{::memfd_create("heard", MFD_CLOEXEC)};
    off_t read_ = 0;
};

complaints::clock::time_point now;

} // namespace

BOOST_AUTO_TEST_SUITE(complaints_)

BOOST_AUTO_TEST_CASE(the_last_number_that_is_told_is_the_exact_one) {
    using namespace std::chrono_literals;
    heard_standard_error heard;
    complaints to([] { return now; });
    to.lost("a", ENOSPC, 1);
    BOOST_TEST(
        heard.text() ==
        "aio: cannot write the log to a: No space left on device (1 record lost so far)\n"
    );
    to.lost("a", ENOSPC, 2);
    to.taken("a"); // within the second
    to.lost("a", ENOSPC, 3);
    to.taken("b");
    BOOST_TEST(heard.text() == "");
    now += 1s;
    to.lost("a", ENOSPC, 4);
    BOOST_TEST(
        heard.text() ==
        "aio: cannot write the log to a: No space left on device (10 records lost so far)\n"
    );
    to.lost("a", ENOSPC, 5);
    now += 1s;
    to.taken("a");
    BOOST_TEST(heard.text() == "aio: the log to a is written again, 15 records were lost\n");
    now += 1s;
    to.taken("a");
    to.tell_losses();
    BOOST_TEST(heard.text() == "");
    BOOST_TEST(to.count() == 15u);
}

BOOST_AUTO_TEST_CASE(each_target_has_its_own_number_and_its_own_second) {
    heard_standard_error heard;
    complaints to([] { return now; });
    to.lost("a", "full", 1);
    to.lost("b", "full", 2);
    BOOST_TEST(
        heard.text() == "aio: cannot write the log to a: full (1 record lost so far)\n"
                        "aio: cannot write the log to b: full (2 records lost so far)\n"
    );
}

BOOST_AUTO_TEST_CASE(at_the_end_the_numbers_that_were_not_told_are_told_once) {
    heard_standard_error heard;
    {
        complaints to([] { return now; });
        to.lost("a", "full", 1);
        to.lost("b", "full", 1);
        to.lost("b", "gone", 1);
        heard.text();
        to.tell_losses();
        BOOST_TEST(heard.text() == "aio: 2 records of the log to b were lost: gone\n");
    }
    BOOST_TEST(heard.text() == "");
    {
        complaints to([] { return now; });
        to.lost("a", "full", 1);
        to.lost("a", "full", 1);
        heard.text();
    }
    BOOST_TEST(heard.text() == "aio: 2 records of the log to a were lost: full\n");
}

BOOST_AUTO_TEST_CASE(no_entry_stays_of_what_never_takes_a_record_again) {
    using namespace std::chrono_literals;
    heard_standard_error heard;
    complaints to([] { return now; });
    for (int i = 0; i < 100; ++i)
        to.lost_by_handler("connection " + std::to_string(i), "boom");
    to.cannot_flush("[handler_h]", "full");
    to.cannot_flush("[handler_h]", "full"); // told once, if the second does not end in between
    BOOST_TEST(to.losing() == 0u);
    BOOST_TEST(heard.text().starts_with(
        "aio: cannot write the log to a handler: logger 'connection 0': boom (1 record lost so "
        "far)\naio: log: cannot flush [handler_h]: full\n"
    ));
    to.lost("a", "full", 1); // has an entry of its own
    to.lost("a", "full", 1);
    BOOST_TEST(to.losing() == 1u);
    heard.text();
    to.left("b");
    to.left("a");
    BOOST_TEST(to.losing() == 0u);
    BOOST_TEST(heard.text() == "aio: 2 records of the log to a were lost: full\n");
    for (int i = 0; i < 100; ++i)
        to.lost(std::to_string(i), "full", 1);
    now += 1s;
    for (int i = 0; i < 100; ++i)
        to.taken(std::to_string(i));
    BOOST_TEST(to.losing() == 0u);
    heard.text();
    to.tell_losses();
    BOOST_TEST(
        heard.text() ==
        "aio: 100 records of the log to a handler were lost: logger 'connection 99': boom\n"
        "aio: 36 records of the log to other targets were lost: full\n"
    );
    BOOST_TEST(to.count() == 202u);
}

BOOST_AUTO_TEST_CASE(no_thread_waits_for_one_that_hangs_while_it_counts) {
    static complaints* hanging;
    static bool hangs;
    hangs = false;
    heard_standard_error heard;
    complaints to([] {
        if (std::exchange(hangs, false))
            std::thread([] {
                hanging->taken("a");
                hanging->lost("a", "full", 1);
                hanging->left("a");
                hanging->tell_losses();
            }).join();
        return now;
    });
    hanging = &to;
    to.lost("a", "full", 1);
    hangs = true;
    to.lost("a", "full", 1);
    BOOST_TEST(to.count() == 3u);
    BOOST_TEST(to.losing() == 1u);
}

BOOST_AUTO_TEST_CASE(any_number_of_targets_has_a_bounded_number_of_entries) {
    heard_standard_error heard;
    complaints to([] { return now; });
    for (int i = 0; i < 100; ++i)
        to.lost("connection " + std::to_string(i), "full", 1);
    heard.text();
    to.tell_losses();
    BOOST_TEST(heard.text() == "aio: 36 records of the log to other targets were lost: full\n");
}

BOOST_AUTO_TEST_CASE(a_record_larger_than_the_room_does_not_wait_and_is_counted) {
    for (const int flags : {0, O_NONBLOCK}) {
        full_standard_error on(flags);
        on.to.pass_on(std::string(9000, 'x'));
        on.to.pass_on("second");
        on.to.announce("third");
        const std::string cut = on.read();
        BOOST_TEST(cut.size() < 9000u);
        BOOST_TEST(cut.find_first_not_of('x') == cut.npos);
        on.to.pass_on("fourth");
        on.to.pass_on("fifth");
        BOOST_TEST(
            on.read() == "\naio: log: 3 messages were lost or cut, standard error did not take "
                         "them\nfourth\nfifth\n"
        );
    }
}

BOOST_AUTO_TEST_SUITE_END()
