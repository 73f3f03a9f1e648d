#include "support.hpp"

#include <aio/module/abi.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace aio::module;
using fixture::holds;

namespace {

std::string said(const fixture::fs::path& file, std::string_view name = "my.example") {
    const auto why = check_library(file, name);
    return why ? why->text + " | " + why->hint : "good";
}

} // namespace

BOOST_AUTO_TEST_SUITE(module_abi)

BOOST_AUTO_TEST_CASE(the_library_says_what_it_was_built_with) {
    for (auto key : {"aio=", "boost=", "asio=shared", "compiler=", "cxx11_strings=", "sanitizer="})
        BOOST_TEST(holds(library_abi(), key), key);
}

BOOST_AUTO_TEST_CASE(a_difference_names_both_sides) {
    BOOST_TEST(abi_difference("a=1;b=2", "a=1;b=2").empty());
    BOOST_TEST(abi_difference("a=1;b=3", "a=1;b=2") == "b 3, here 2");
    BOOST_TEST(abi_difference("a=1", "a=1;b=2") == "b unknown, here 2");
    BOOST_TEST(abi_difference("a=1;b=2;c=3", "a=2;b=2") == "a 1, here 2; c 3, here unknown");
    BOOST_TEST(abi_difference("", "a=1") == "a unknown, here 1");
    BOOST_TEST(abi_difference(";;=;==", "a=1") != "");
}

BOOST_AUTO_TEST_CASE(a_module_of_this_build_is_good) {
    BOOST_TEST(said(fixture::modules / "my/example/example.so") == "good");
}

BOOST_AUTO_TEST_CASE(a_module_of_another_version_names_what_differs) {
    const auto text = said(fixture::modules / "my/other_abi/other_abi.so");
    BOOST_TEST(holds(
        text,
        "was built for another aio: aio 0, here 1; asio headers, here shared; "
        "boost 107400, here "
    ));
    BOOST_TEST(holds(text, "build it again with this aio"));
}

BOOST_AUTO_TEST_CASE(a_module_in_the_folder_of_another_says_where_it_belongs) {
    BOOST_TEST(
        said(fixture::modules / "my/stranger/stranger.so", "my.stranger") ==
        "defines no module 'my.stranger', but 'your.own' | a module lies in the folder of its "
        "name: "
        "your/own/own.so"
    );
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_module_is_refused) {
    fixture::folder f;
    BOOST_TEST(said(f.write("a.so", "hello")).starts_with("is not an ELF file"));
    BOOST_TEST(said(f.write("b.so", "")).starts_with("is empty"));
    BOOST_TEST(said(f.path() / "none.so").starts_with("is not readable: No such file"));
    BOOST_TEST(said(f.path()).starts_with("is not a regular file"));
    BOOST_REQUIRE(::mkfifo((f.path() / "fifo.so").c_str(), 0600) == 0);
    BOOST_TEST(said(f.path() / "fifo.so").starts_with("is not a regular file"));
}

BOOST_AUTO_TEST_CASE(a_refused_file_does_not_stay_open) {
    const auto open_files = [] {
        const fixture::fs::directory_iterator all("/proc/self/fd");
        return std::distance(begin(all), end(all));
    };
    const fixture::folder f;
    const auto before = open_files();
    BOOST_TEST(said(f.path()).starts_with("is not a regular file"));
    BOOST_TEST(open_files() == before);
}

BOOST_AUTO_TEST_SUITE_END()
