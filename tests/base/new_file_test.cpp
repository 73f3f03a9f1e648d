#include <aio/base/descriptor.hpp>
#include <aio/base/new_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

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

BOOST_AUTO_TEST_CASE(all_is_written_to_a_pipe_that_does_not_block) {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const descriptor reader(ends[0]);
    descriptor writer(ends[1]);
    ::fcntl(writer.get(), F_SETFL, O_NONBLOCK);
    bool good = false;
    std::thread writing([&] {
        good = write_all(writer.get(), std::string(300'000, 'x'));
        writer.reset();
    });
    std::array<char, 65536> room{};
    std::size_t size = 0;
    for (ssize_t n = 0; (n = ::read(reader.get(), room.data(), room.size())) > 0;)
        size += static_cast<std::size_t>(n);
    writing.join();
    BOOST_TEST(good);
    BOOST_TEST(size == 300'000u);
}

BOOST_AUTO_TEST_CASE(the_reason_is_that_of_the_system) {
    const descriptor folder(::open(path().c_str(), O_PATH | O_CLOEXEC));
    BOOST_TEST(write_new_file(folder.get(), "none/a", "x") == "No such file or directory");
    write("file", "");
    BOOST_TEST(write_new_file(folder.get(), "file/a", "x") == "Not a directory");
}

BOOST_AUTO_TEST_SUITE_END()
