#include <aio/base/error_words.hpp>
#include <aio/base/exception.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using aio::base::message_of;
using aio::base::messages_of;

namespace {

struct strange {};

// The first is the innermost one.
template <typename First, typename... Others>
std::exception_ptr chain(First first, Others... others) {
    std::exception_ptr made = std::make_exception_ptr(std::move(first));
    const auto wrap = [&](auto with) {
        try {
            try {
                std::rethrow_exception(made);
            } catch (...) {
                std::throw_with_nested(with);
            }
        } catch (...) {
            made = std::current_exception();
        }
    };
    (wrap(others), ...);
    return made;
}

using error = std::runtime_error;

} // namespace

BOOST_AUTO_TEST_SUITE(exception_)

BOOST_AUTO_TEST_CASE(an_exception_says_what_it_is_anything_else_that_it_is_none) {
    BOOST_TEST(message_of(std::make_exception_ptr(std::runtime_error("broken"))) == "broken");
    BOOST_TEST(
        message_of(std::make_exception_ptr(std::runtime_error(""))) ==
        "an error without a text: std::runtime_error"
    );
    const std::string begin = "something that is no std::exception was thrown: ";
    BOOST_TEST(message_of(std::make_exception_ptr(42)) == begin + "int 42");
    BOOST_TEST(message_of(std::make_exception_ptr<const char*>("text")) == begin + "text");
    BOOST_TEST(message_of(std::make_exception_ptr(std::string("text"))) == begin + "text");
    BOOST_TEST(message_of(std::make_exception_ptr(4.2)) == begin + "double");
}

BOOST_AUTO_TEST_CASE(report_prc_7_what_the_library_throws_is_said_in_words) {
    namespace fs = std::filesystem;
    const auto gone = std::make_error_code(std::errc::no_such_file_or_directory);
    const std::string reason = gone.message();
    BOOST_TEST(message_of(std::make_exception_ptr(std::bad_alloc())) == "out of memory");
    const boost::system::error_code refused(EPERM, boost::system::system_category());
    const std::string words = "Operation not permitted";
    BOOST_TEST(
        message_of(std::make_exception_ptr(boost::system::system_error(refused, "epoll"))) ==
        "epoll: " + words
    );
    BOOST_TEST(message_of(std::make_exception_ptr(boost::system::system_error(refused))) == words);
    static constexpr boost::source_location here = BOOST_CURRENT_LOCATION;
    const boost::system::error_code placed(refused, &here);
    BOOST_TEST(
        aio::base::words_of(boost::system::system_error(placed, "epoll")) == "epoll: " + words
    );
    BOOST_TEST(
        message_of(std::make_exception_ptr(fs::filesystem_error("cannot get current path", gone))
        ) == reason
    );
    BOOST_TEST(
        message_of(std::make_exception_ptr(fs::filesystem_error("cannot", "/a/b", gone))) ==
        "/a/b: " + reason
    );
}

BOOST_AUTO_TEST_CASE(the_chain_of_causes_is_said_behind_it) {
    BOOST_TEST(message_of(chain(error("root"), error("outer"))) == "outer (caused by: root)");
    BOOST_TEST(
        message_of(chain(error("root"), error("middle"), error("outer"))) ==
        "outer (caused by: middle, caused by: root)"
    );
    BOOST_TEST(
        message_of(chain(42, error("outer"))) ==
        "outer (caused by: something that is no std::exception was thrown: int 42)"
    );
    BOOST_TEST(
        message_of(chain(error("root"), strange())) ==
        "something that is no std::exception was thrown: (anonymous namespace)::strange "
        "(caused by: root)"
    );
}

BOOST_AUTO_TEST_CASE(a_cause_that_was_said_already_is_not_said_again) {
    BOOST_TEST(message_of(chain(error("root"), error("outer: root"))) == "outer: root");
    BOOST_TEST(
        message_of(chain(error("root"), error("root"), error("outer"))) == "outer (caused by: root)"
    );
    BOOST_TEST(message_of(chain(error(""), error("outer"))) == "outer");
    BOOST_TEST(message_of(chain(error("root"), error(""))) == "root");
}

BOOST_AUTO_TEST_CASE(each_level_says_its_own_text) {
    const auto texts = messages_of(chain(error("root"), strange(), error("outer")));
    BOOST_TEST(
        texts ==
            (std::vector<std::string>{
                "outer",
                "something that is no std::exception was thrown: (anonymous namespace)::strange",
                "root"
            }),
        boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_SUITE_END()
