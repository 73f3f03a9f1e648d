#include <aio/net/tls_alpn.hpp>

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using aio::net::alpn_wire;
using aio::net::choose_alpn;

BOOST_AUTO_TEST_SUITE(tls_alpn_)

BOOST_AUTO_TEST_CASE(each_name_has_its_length_before_it) {
    BOOST_TEST(alpn_wire({}) == "");
    BOOST_TEST(alpn_wire({"h2", "http/1.1"}) == "\x02h2\x08http/1.1");
}

BOOST_AUTO_TEST_CASE(names_that_tls_cannot_send_are_refused) {
    BOOST_TEST(alpn_wire({std::string(255, 'x')}).size() == 256u);
    BOOST_CHECK_THROW(alpn_wire({""}), std::invalid_argument);
    BOOST_CHECK_THROW(alpn_wire({std::string(256, 'x')}), std::invalid_argument);
    BOOST_CHECK_THROW(
        alpn_wire(std::vector<std::string>(300, std::string(255, 'x'))), std::invalid_argument
    );
}

BOOST_AUTO_TEST_CASE(the_order_of_the_server_decides) {
    const std::string ours = alpn_wire({"h2", "http/1.1"});
    BOOST_TEST(choose_alpn(ours, alpn_wire({"http/1.1", "h2"})).value() == "h2");
    BOOST_TEST(choose_alpn(ours, alpn_wire({"x", "http/1.1"})).value() == "http/1.1");
    BOOST_TEST(!choose_alpn(ours, alpn_wire({"h", "h22", "http/1.0"})));
    BOOST_TEST(!choose_alpn(ours, ""));
    BOOST_TEST(!choose_alpn("", ours));
}

BOOST_AUTO_TEST_CASE(a_list_that_is_cut_off_ends_there) {
    const std::string ours = alpn_wire({"h2"});
    BOOST_TEST(!choose_alpn(ours, std::string("\x05h2", 3)));
    BOOST_TEST(!choose_alpn(ours, std::string("\x00\x02h2", 4)));
    BOOST_TEST(choose_alpn(ours, std::string("\x01x\x02h2\xff", 6)).value() == "h2");
}

BOOST_AUTO_TEST_SUITE_END()
