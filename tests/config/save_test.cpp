#include <aio/config/edit.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <stdexcept>

namespace config = aio::config;
namespace fs = std::filesystem;

namespace {

struct folder : aio::testing::temporary_folder {
    std::size_t count() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator{path()}, fs::directory_iterator{})
        );
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(save, folder)

BOOST_AUTO_TEST_CASE(a_file_is_created_and_replaced) {
    const std::string file = path() / "a.conf";
    BOOST_TEST(config::save(file, "one\n").error == "");
    BOOST_TEST(read("a.conf") == "one\n");
    BOOST_TEST(config::save(file, "two\n").error == "");
    BOOST_TEST(read("a.conf") == "two\n");
    BOOST_TEST(count() == 1u);
}

BOOST_AUTO_TEST_CASE(mode_and_owner_stay) {
    const std::string file = path() / "a.conf";
    config::save(file, "one\n");
    ::chmod(file.c_str(), 0640);
    if (::geteuid() == 0)
        BOOST_REQUIRE(::chown(file.c_str(), 65534, 12) == 0);
    struct stat before{}, after{};
    ::stat(file.c_str(), &before);
    BOOST_TEST(config::save(file, "two\n").error == "");
    ::stat(file.c_str(), &after);
    BOOST_TEST(after.st_mode == before.st_mode);
    BOOST_TEST(after.st_uid == before.st_uid);
    BOOST_TEST(after.st_gid == before.st_gid);
    BOOST_TEST(after.st_ino != before.st_ino);
}

BOOST_AUTO_TEST_CASE(links_are_followed_even_to_what_is_not_there_yet) {
    fs::create_directory(path() / "real");
    fs::create_symlink("real/x.conf", path() / "a.conf");
    fs::create_symlink("a.conf", path() / "b.conf");
    BOOST_TEST(config::save(path() / "b.conf", "one\n").error == "");
    BOOST_TEST(read("real/x.conf") == "one\n");
    BOOST_TEST(config::save(path() / "b.conf", "two\n").error == "");
    BOOST_TEST(read("real/x.conf") == "two\n");
    BOOST_TEST(fs::is_symlink(path() / "a.conf"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_says_why_and_leaves_nothing) {
    BOOST_TEST(
        config::save(path() / "no/a.conf", "x").error.find("No such file") != std::string::npos
    );
    BOOST_TEST(config::save(path(), "x").error.find("no regular file") != std::string::npos);
    BOOST_TEST(count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_with_a_second_name_keeps_both) {
    const std::string file = path() / "a.conf";
    write("a.conf", "a long first text\n");
    fs::create_hard_link(file, path() / "b.conf");
    const config::saved done = config::save(file, "two\n");
    BOOST_TEST(done.error == "");
    BOOST_TEST(
        done.note == "'" + file +
                         "' was written in place: it has further names (hard links), and all of "
                         "them show the change. A crash during the write could have damaged it"
    );
    BOOST_TEST(read("b.conf") == "two\n");
    BOOST_TEST(count() == 2u);
}

BOOST_AUTO_TEST_CASE(a_name_may_be_as_long_as_the_system_takes) {
    const std::string name(255, 'x');
    BOOST_TEST(config::save(path() / name, "one\n").error == "");
    BOOST_TEST(config::save(path() / name, "two\n").error == "");
    BOOST_TEST(read(name) == "two\n");
    BOOST_TEST(count() == 1u);
}

BOOST_AUTO_TEST_CASE(attributes_stay) {
    const std::string file = path() / "a.conf";
    write("a.conf", "one\n");
    if (::setxattr(file.c_str(), "user.note", "kept", 4, 0) != 0) {
        BOOST_TEST_MESSAGE("skipped: this file system has no attributes");
        return;
    }
    BOOST_TEST(config::save(file, "two\n").error == "");
    char value[8] = {};
    BOOST_TEST(::getxattr(file.c_str(), "user.note", value, sizeof value) == 4);
    BOOST_TEST(std::string(value) == "kept");
}

BOOST_AUTO_TEST_CASE(the_wait_for_a_locked_folder_has_an_end) {
    const std::string file = path() / "a.conf";
    const auto taken = config::lock_for_change(file);
    BOOST_TEST_REQUIRE(bool{taken});
    BOOST_CHECK_EXCEPTION(
        config::lock_for_change(file, std::chrono::milliseconds(0)),
        std::runtime_error,
        [&](const std::runtime_error& e) {
            return std::string(e.what()).find("folder '" + path().string() + "' locked") !=
                   std::string::npos;
        }
    );
}

BOOST_AUTO_TEST_CASE(root_writes_nothing_where_others_decide_what_is_written) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    write("real.conf", "one\n");
    fs::create_directory(path() / "his");
    BOOST_REQUIRE(::chown((path() / "his").c_str(), 1234, 1234) == 0);
    fs::create_symlink(path() / "real.conf", path() / "his/a.conf");
    fs::create_hard_link(path() / "real.conf", path() / "his/b.conf");
    fs::create_symlink("his/c.conf", path() / "c.conf");
    const std::string reason =
        ": root does not act on it, because " + (path() / "his").string() + " belongs to user 1234";
    for (const fs::path name : {"his/a.conf", "his/b.conf", "his/c.conf", "c.conf"}) {
        const std::string file = path() / name;
        BOOST_TEST(config::save(file, "two\n").error == "cannot write '" + file + "'" + reason);
    }
    BOOST_TEST(read("real.conf") == "one\n");
    BOOST_TEST(!has("his/c.conf"));
}

BOOST_AUTO_TEST_CASE(a_chain_of_links_leads_through_folders_that_are_links) {
    fs::create_directories(path() / "a/real");
    fs::create_symlink("a/real", path() / "way");
    fs::create_symlink("../up.conf", path() / "a/real/x.conf");
    BOOST_TEST(config::save(path() / "way/x.conf", "one\n").error == "");
    BOOST_TEST(read("a/up.conf") == "one\n");
    fs::create_symlink("round.conf", path() / "round.conf");
    BOOST_TEST(
        config::save(path() / "round.conf", "x").error.find("Too many levels") != std::string::npos
    );
}

BOOST_AUTO_TEST_SUITE_END()
