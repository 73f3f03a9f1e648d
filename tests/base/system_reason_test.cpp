#include <aio/base/exception.hpp>
#include <aio/base/system_reason.hpp>

#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/resource.h>

#include <cerrno>
#include <exception>
#include <string>

using namespace aio::base;

namespace {

std::string limit() {
    ::rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    return " (this process may have " + std::to_string(files.rlim_cur) + ", see ulimit -n)";
}

const std::string too_many = "Too many open files";

} // namespace

BOOST_AUTO_TEST_SUITE(system_reason_)

BOOST_AUTO_TEST_CASE(a_reason_is_the_systems_and_a_lack_of_descriptors_names_the_limit) {
    BOOST_TEST(system_reason(ENOENT) == "No such file or directory");
    BOOST_TEST(system_reason(ENFILE) == "Too many open files in system");
    BOOST_TEST(system_reason(EMFILE) == too_many + limit());
}

BOOST_AUTO_TEST_CASE(the_limit_is_added_to_the_text_of_another_library_once) {
    BOOST_TEST(with_limit("x: " + too_many) == "x: " + too_many + limit());
    BOOST_TEST(with_limit("x: " + too_many + " [y:24]") == "x: " + too_many + limit() + " [y:24]");
    BOOST_TEST(with_limit("x: " + too_many + limit()) == "x: " + too_many + limit());
    BOOST_TEST(with_limit("x: " + too_many + " in system") == "x: " + too_many + " in system");
    BOOST_TEST(with_limit("x") == "x");
}

BOOST_AUTO_TEST_CASE(a_failure_is_a_system_error_with_the_whole_text) {
    const system_failure none(ENOENT, "s.sock"), many(EMFILE, "epoll_create1");
    BOOST_TEST(none.what() == "s.sock: No such file or directory");
    BOOST_TEST(many.what() == "epoll_create1: " + too_many + limit());
    BOOST_TEST((many.code() == std::errc::too_many_files_open));
    const system_failure words = system_failure::in_words(EEXIST, "s is a link, not a socket");
    BOOST_TEST(words.what() == std::string("s is a link, not a socket"));
    BOOST_TEST(words.code().value() == EEXIST);
}

BOOST_AUTO_TEST_CASE(the_text_of_every_exception_names_the_limit) {
    const auto said = [](const auto& error) { return message_of(std::make_exception_ptr(error)); };
    BOOST_TEST(said(std::system_error(EMFILE, std::generic_category(), "pipe")).ends_with(limit()));
    const boost::system::error_code of_asio(EMFILE, boost::system::system_category());
    BOOST_TEST(
        said(boost::system::system_error(of_asio, "epoll")).find(limit()) != std::string::npos
    );
}

BOOST_AUTO_TEST_SUITE_END()
