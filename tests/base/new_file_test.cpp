#include <aio/base/descriptor.hpp>
#include <aio/base/new_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <filesystem>

using namespace aio::base;

BOOST_FIXTURE_TEST_SUITE(new_file, aio::testing::temporary_folder)

BOOST_AUTO_TEST_CASE(a_new_file_is_written_and_an_old_one_is_left_alone) {
    const descriptor folder(::open(path().c_str(), O_PATH | O_CLOEXEC));
    BOOST_TEST(write_new_file(folder.get(), "a", "one\n") == "");
    BOOST_TEST(read("a") == "one\n");
    BOOST_TEST(write_new_file(folder.get(), "a", "two\n") == "File exists");
    BOOST_TEST(read("a") == "one\n");
}

BOOST_AUTO_TEST_CASE(no_link_is_followed_and_the_folder_is_the_one_that_was_opened) {
    std::filesystem::create_directory(path() / "now");
    const descriptor folder(::open((*this / "now").c_str(), O_PATH | O_CLOEXEC));
    std::filesystem::create_symlink("../elsewhere", path() / "now/link");
    BOOST_TEST(write_new_file(folder.get(), "link", "x") == "File exists");
    BOOST_TEST(!std::filesystem::exists(path() / "elsewhere"));
    std::filesystem::rename(path() / "now", path() / "before");
    std::filesystem::create_directory(path() / "now");
    BOOST_TEST(write_new_file(folder.get(), "a", "x") == "");
    BOOST_TEST(read("before/a") == "x");
}

BOOST_AUTO_TEST_CASE(the_reason_is_that_of_the_system) {
    const descriptor folder(::open(path().c_str(), O_PATH | O_CLOEXEC));
    BOOST_TEST(write_new_file(folder.get(), "none/a", "x") == "No such file or directory");
    write("file", "");
    BOOST_TEST(write_new_file(folder.get(), "file/a", "x") == "Not a directory");
}

BOOST_AUTO_TEST_SUITE_END()
