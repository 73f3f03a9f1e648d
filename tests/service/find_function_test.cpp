#include <aio/config/load.hpp>
#include <aio/service/find_function.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace aio;

namespace {

// Resolves my.function and nothing else, and notes what it was asked.
struct asked {
    module::item known;
    std::string said;
    service::planning with;

    asked() {
        with.resolve = [this](std::string_view kind, const std::string& dotted, base::location at) {
            said = std::string(kind) + ' ' + dotted + ' ' + base::render(at);
            return dotted == "my.function" ? &known : nullptr;
        };
    }

    const module::item* find(const std::string& body) {
        config::inputs in;
        in.files.emplace_back("t.conf", "[schedule/x]\n" + body);
        const config::tree tree = config::merge(in);
        return service::find_function(*tree.find("schedule/x"), "func", "schedule", with);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(kind, asked)

BOOST_AUTO_TEST_CASE(a_function_is_found_by_the_name_without_blanks) {
    BOOST_TEST(find("func =   my.function  \n") == &known);
    BOOST_TEST(said == "schedule my.function t.conf:2:10");
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_for_when_nothing_readable_is_written) {
    BOOST_TEST(!find("other = my.function\n"));
    BOOST_TEST(!find("func =\n"));
    BOOST_TEST(!find("func = ${no:such}\n"));
    BOOST_TEST(said == "");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_was_reported_by_who_was_asked) {
    BOOST_TEST(!find("func = my.other\n"));
    BOOST_TEST(said == "schedule my.other t.conf:2:8");
}

BOOST_AUTO_TEST_SUITE_END()
