#include <aio/base/descriptor.hpp>
#include <aio/log/complaints.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

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

} // namespace

BOOST_AUTO_TEST_SUITE(complaints_)

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
