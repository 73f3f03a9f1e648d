#include <aio/base/memory_reserve.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstddef>
#include <fstream>

using aio::base::memory_reserve;

namespace {

std::size_t address_space() {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

BOOST_AUTO_TEST_SUITE(memory_reserve_)

BOOST_AUTO_TEST_CASE(it_holds_address_space_until_it_is_released) {
    address_space(); // what a first call takes
    const std::size_t before = address_space();
    memory_reserve spare;
    BOOST_TEST(address_space() == before + memory_reserve::size);
    for (int i = 0; i < 2; ++i) {
        spare.release();
        BOOST_TEST(address_space() == before);
    }
}

BOOST_AUTO_TEST_SUITE_END()
