#include <aio/process/argument_limit.hpp>
#include <aio/process/child.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace aio::process;

namespace {

std::string refusal(const std::string& argument, const std::vector<std::string>& environment) {
    launch_request request;
    request.program = "/bin/true";
    request.arguments = {"true", argument};
    request.environment = environment;
    try {
        child made(request, reach::group);
    } catch (const launch_error& e) {
        return e.what();
    }
    return {};
}

std::string of_length(std::size_t bytes) {
    return std::string(bytes, 'x');
}

} // namespace

BOOST_AUTO_TEST_SUITE(limit_of_arguments)

BOOST_AUTO_TEST_CASE(a_single_argument_that_is_too_long_is_named_with_its_limit) {
    const std::size_t most = longest_argument();
    BOOST_TEST(refusal(of_length(most + 1), {}).find("environment") == std::string::npos);
    BOOST_TEST(
        refusal(of_length(most + 1), {}) ==
        "cannot execute /bin/true: argument 1 has " + std::to_string(most + 1) +
            " bytes; one argument may have " + std::to_string(most)
    );
}

BOOST_AUTO_TEST_CASE(a_variable_that_is_too_long_is_named_without_its_value) {
    const std::size_t most = longest_argument();
    BOOST_TEST(
        refusal("", {"A=b", "LONG=" + of_length(most - 4)}) ==
        "cannot execute /bin/true: the variable LONG has " + std::to_string(most + 1) +
            " bytes with its name; one variable may have " + std::to_string(most)
    );
}

BOOST_AUTO_TEST_CASE(all_together_name_both_sizes_and_the_limit) {
    const std::vector<std::string> many(100, "A=" + of_length(100'000));
    const std::string said = refusal("", many);
    BOOST_TEST(said.starts_with(
        "cannot execute /bin/true: Argument list too long (the arguments have 22 bytes and the "
        "environment has 10001100; together they may have "
    ));
    BOOST_TEST(said.ends_with(": a quarter of what ulimit -s allows, 6 MiB at most)"));
}

BOOST_AUTO_TEST_CASE(the_longest_that_is_taken_is_the_limit) {
    // The system takes it: it complains of nothing, or of the sum under a small ulimit -s.
    BOOST_TEST(
        refusal(of_length(longest_argument()), {}).find("argument 1 has") == std::string::npos
    );
}

BOOST_AUTO_TEST_SUITE_END()
