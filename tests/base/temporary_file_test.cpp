#include <aio/base/temporary_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string>

using namespace aio::base;
namespace fs = std::filesystem;

namespace {

struct fixture : aio::testing::temporary_folder {
    way target() const { return follow(*this / "x"); }

    auto entries() const {
        return std::distance(fs::directory_iterator(path()), fs::directory_iterator());
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(temporary_file_, fixture)

BOOST_AUTO_TEST_CASE(it_is_removed_unless_it_has_taken_its_place) {
    const way there = target();
    {
        const temporary_file fresh(there, O_RDWR);
        BOOST_TEST(fresh.made());
        BOOST_TEST(entries() == 1);
    }
    BOOST_TEST(entries() == 0);
    {
        temporary_file fresh(there, O_RDWR);
        BOOST_TEST(fresh.write("new"));
        BOOST_TEST(fresh.take_free_name());
    }
    BOOST_TEST(read("x") == "new");
    BOOST_TEST(entries() == 1);
}

BOOST_AUTO_TEST_CASE(it_replaces_a_file_only_when_it_is_told_to) {
    write("x", "old");
    const way there = target();
    {
        temporary_file fresh(there, O_RDWR);
        BOOST_TEST(fresh.write("new"));
        const bool taken = fresh.take_free_name();
        BOOST_TEST(errno == EEXIST);
        BOOST_TEST(!taken);
        BOOST_TEST(read("x") == "old");
        BOOST_TEST(fresh.replace());
    }
    BOOST_TEST(read("x") == "new");
    BOOST_TEST(entries() == 1);
}

BOOST_AUTO_TEST_CASE(a_file_that_has_its_place_can_be_kept_open) {
    const way there = target();
    temporary_file fresh(there, O_WRONLY | O_APPEND);
    BOOST_TEST(fresh.take_free_name());
    const descriptor file = fresh.take_file();
    BOOST_TEST(bool(file));
    BOOST_TEST(!fresh.made());
}

BOOST_AUTO_TEST_CASE(a_file_of_another_user_in_a_sticky_folder_gets_no_second_name) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    const std::string file = write("x", "of root");
    BOOST_REQUIRE(::chmod(file.c_str(), 0666) == 0);
    BOOST_REQUIRE(::chmod(path().c_str(), 01777) == 0);
    const way there = target();
    BOOST_REQUIRE(::seteuid(65534) == 0);
    const bool moved = move_to_free_name(there.folder.get(), "x", "y");
    const int error = errno;
    BOOST_REQUIRE(::seteuid(0) == 0);
    BOOST_TEST(!moved);
    BOOST_TEST(error == EPERM);
    BOOST_TEST(entries() == 1);
    BOOST_TEST(read("x") == "of root");
}

BOOST_AUTO_TEST_SUITE_END()
