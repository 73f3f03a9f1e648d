#include <aio/base/descriptor.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <utility>

using aio::base::descriptor;

namespace {

descriptor opened() {
    return descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) != -1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(descriptor_)

BOOST_AUTO_TEST_CASE(closes_what_it_holds) {
    int fd = -1;
    {
        const descriptor one = opened();
        BOOST_TEST(bool{one});
        fd = one.get();
        BOOST_TEST(is_open(fd));
    }
    BOOST_TEST(!is_open(fd));
}

BOOST_AUTO_TEST_CASE(what_was_released_or_moved_away_stays_open) {
    descriptor one = opened();
    const int fd = one.get();
    descriptor other = std::move(one);
    BOOST_TEST(!one); // NOLINT: moved from is empty
    BOOST_TEST(other.release() == fd);
    BOOST_TEST(!other);
    BOOST_TEST(is_open(fd));
    const descriptor last{fd};
}

BOOST_AUTO_TEST_CASE(taking_another_closes_the_one_before) {
    descriptor one = opened();
    const int before = one.get();
    descriptor other = opened();
    const int after = other.get();
    one = std::move(other);
    BOOST_TEST(one.get() == after);
    BOOST_TEST(!is_open(before));
    BOOST_TEST(is_open(after));
}

BOOST_AUTO_TEST_SUITE_END()
