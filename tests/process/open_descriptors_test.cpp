#include <aio/base/descriptor.hpp>
#include <aio/process/open_descriptors.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

using aio::process::open_descriptors;

BOOST_AUTO_TEST_SUITE(descriptors_that_are_open)

BOOST_AUTO_TEST_CASE(what_is_open_is_listed_in_order_and_nothing_else) {
    aio::base::descriptor low(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100));
    const aio::base::descriptor high(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, low.get() + 2));
    BOOST_REQUIRE((low && high));
    const auto found = open_descriptors(low.get());
    BOOST_TEST(std::ranges::is_sorted(found));
    BOOST_TEST(std::ranges::count(found, low.get()) == 1);
    BOOST_TEST(std::ranges::count(found, high.get()) == 1);
    const int closed = low.get();
    low.reset();
    BOOST_TEST(std::ranges::count(open_descriptors(closed), closed) == 0);
    BOOST_TEST(std::ranges::count(open_descriptors(closed + 1), closed) == 0);
}

BOOST_AUTO_TEST_CASE(they_are_found_by_their_numbers_when_no_folder_can_be_opened) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(STDERR_FILENO);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto found = open_descriptors(0);
    ::setrlimit(RLIMIT_NOFILE, &before);
    BOOST_REQUIRE(found.size() == std::size_t(next));
    BOOST_TEST(found.back() == next - 1);
}

BOOST_AUTO_TEST_SUITE_END()
