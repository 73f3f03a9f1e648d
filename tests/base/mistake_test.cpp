#include <aio/base/mistake.hpp>

#include <boost/test/unit_test.hpp>

#include <exception>
#include <stdexcept>

using aio::base::is_mistake;
using aio::base::mistake;

namespace {

struct special : mistake {
    using mistake::mistake;
};

template <typename Cause>
std::exception_ptr nested(Cause cause) {
    try {
        try {
            throw cause;
        } catch (...) {
            std::throw_with_nested(std::runtime_error("outside"));
        }
    } catch (...) {
        return std::current_exception();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(a_mistake)

BOOST_AUTO_TEST_CASE(is_found_by_its_type_also_as_a_cause) {
    BOOST_TEST(is_mistake(std::make_exception_ptr(mistake("x"))));
    BOOST_TEST(is_mistake(std::make_exception_ptr(special("x"))));
    BOOST_TEST(is_mistake(nested(special("x"))));
}

BOOST_AUTO_TEST_CASE(is_no_other_error) {
    BOOST_TEST(!is_mistake(nullptr));
    BOOST_TEST(!is_mistake(std::make_exception_ptr(std::logic_error("x"))));
    BOOST_TEST(!is_mistake(std::make_exception_ptr(42)));
    BOOST_TEST(!is_mistake(nested(std::runtime_error("x"))));
    BOOST_TEST(!is_mistake(nested(42)));
}

BOOST_AUTO_TEST_SUITE_END()
