// The main of every test program: Boost.Test's, named after the program (test_log).
#include <boost/test/unit_test.hpp>

#include <cerrno>

int main(int count, char** words) {
    const auto name_it = [] {
        boost::unit_test::framework::master_test_suite().p_name.value =
            program_invocation_short_name;
        return true;
    };
    return boost::unit_test::unit_test_main(name_it, count, words);
}
