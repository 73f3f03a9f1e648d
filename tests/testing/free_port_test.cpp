#include <aio/testing/free_port.hpp>

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace aio::testing;

namespace {

bool can_be_bound(std::uint16_t port, int type) {
    const int fd = ::socket(AF_INET, type, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    ::close(fd);
    return bound;
}

} // namespace

BOOST_AUTO_TEST_SUITE(free_port_)

BOOST_AUTO_TEST_CASE(the_port_can_be_bound) {
    BOOST_TEST(can_be_bound(free_port(), SOCK_STREAM));
    BOOST_TEST(can_be_bound(free_port(port_of::udp), SOCK_DGRAM));
}

BOOST_AUTO_TEST_SUITE_END()
