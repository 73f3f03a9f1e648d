#include <aio/base/new_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace aio::base;

BOOST_FIXTURE_TEST_SUITE(new_file, aio::testing::temporary_folder)

BOOST_AUTO_TEST_CASE(a_new_file_is_written_and_an_old_one_is_left_alone) {
    BOOST_TEST(write_new_file(path() / "a", "one\n") == "");
    BOOST_TEST(read("a") == "one\n");
    BOOST_TEST(write_new_file(path() / "a", "two\n") == "File exists");
    BOOST_TEST(read("a") == "one\n");
}

BOOST_AUTO_TEST_CASE(the_reason_is_that_of_the_system) {
    BOOST_TEST(write_new_file(path() / "none/a", "x") == "No such file or directory");
    write("file", "");
    BOOST_TEST(write_new_file(path() / "file/a", "x") == "Not a directory");
}

BOOST_AUTO_TEST_SUITE_END()
