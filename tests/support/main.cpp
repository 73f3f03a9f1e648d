// The main of every test program: Boost.Test's, with the name of the folder under test.
#define BOOST_TEST_MODULE AIO_TEST_NAME
#include <boost/test/unit_test.hpp>
