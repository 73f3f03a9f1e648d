#include <aio/app/pid_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

using aio::app::already_running;
using aio::app::pid_file;
namespace fs = std::filesystem;

namespace {

using folder = aio::testing::temporary_folder;

std::string id() {
    return std::to_string(::getpid()) + '\n';
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_pid_file)

BOOST_FIXTURE_TEST_CASE(holds_the_process_id_and_is_removed, folder) {
    const std::string file = *this / "aio.pid";
    {
        pid_file mine(file);
        mine.take();
        BOOST_TEST(read("aio.pid") == id());
    }
    BOOST_TEST(!has("aio.pid"));
}

BOOST_FIXTURE_TEST_CASE(a_second_holder_is_refused_and_told_who_holds_it, folder) {
    pid_file first(*this / "aio.pid");
    first.take();
    BOOST_CHECK_EXCEPTION(pid_file(*this / "aio.pid"), already_running, [](const auto& e) {
        return e.pid == ::getpid();
    });
}

BOOST_FIXTURE_TEST_CASE(a_locked_file_without_a_number_names_no_process, folder) {
    const std::string file = *this / "aio.pid";
    pid_file first(file);
    for (const char* text :
         {"", "\n", "0\n", "-5\n", "text\n", "12x\n", "99999999999999999999\n"}) {
        write("aio.pid", text);
        BOOST_CHECK_EXCEPTION(pid_file{file}, already_running, [](const auto& e) {
            return e.pid == 0;
        });
    }
    for (const char* text : {"12", "12\n", "12 and more\n"}) {
        write("aio.pid", text);
        BOOST_CHECK_EXCEPTION(pid_file{file}, already_running, [](const auto& e) {
            return e.pid == 12;
        });
    }
}

BOOST_FIXTURE_TEST_CASE(a_stale_file_is_taken_over, folder) {
    const std::string file = *this / "aio.pid";
    write("aio.pid", "999999 and more text than a number\n");
    pid_file mine(file);
    mine.take();
    BOOST_TEST(read("aio.pid") == id());
}

BOOST_FIXTURE_TEST_CASE(root_replaces_a_stale_file_that_another_user_may_write, folder) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root gives files away");
        return;
    }
    const std::string file = *this / "aio.pid";
    write("aio.pid", "1\n");
    BOOST_REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
    pid_file mine(file);
    mine.take();
    struct ::stat found{};
    BOOST_REQUIRE(::stat(file.c_str(), &found) == 0);
    BOOST_TEST(found.st_uid == 0u);
    BOOST_TEST(read("aio.pid") == id());
}

BOOST_FIXTURE_TEST_CASE(no_other_user_can_open_and_lock_it, folder) {
    const std::string file = *this / "aio.pid";
    const auto mode = [&] {
        struct ::stat found{};
        BOOST_REQUIRE(::stat(file.c_str(), &found) == 0);
        return found.st_mode & 07777u;
    };
    const mode_t before = ::umask(0);
    {
        pid_file made(file);
        BOOST_TEST(mode() == 0600u);
    }
    for (const mode_t open_to_others : {0644u, 0640u, 0604u}) {
        BOOST_REQUIRE(::chmod(file.c_str(), open_to_others) == 0);
        pid_file stale(file);
        stale.take();
        BOOST_TEST(mode() == 0600u);
        BOOST_TEST(read("aio.pid") == id());
        BOOST_REQUIRE(::chmod(file.c_str(), 0600) == 0);
        BOOST_TEST(!stale.remove());
        write("aio.pid", "");
    }
    ::umask(before);
}

BOOST_FIXTURE_TEST_CASE(who_never_took_it_does_not_remove_it, folder) {
    const std::string file = *this / "aio.pid";
    {
        pid_file untaken(file);
    }
    BOOST_TEST(has("aio.pid"));
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_not_there_is_an_error_with_its_path, folder) {
    const std::string file = *this / "no/aio.pid";
    BOOST_CHECK_EXCEPTION(pid_file{file}, std::system_error, [&](const auto& e) {
        return std::string(e.what()).find(file) != std::string::npos;
    });
}

BOOST_FIXTURE_TEST_CASE(what_is_no_regular_file_is_refused_and_left_alone, folder) {
    BOOST_REQUIRE(::mkfifo(std::string(*this / "fifo").c_str(), 0600) == 0);
    BOOST_REQUIRE(::mkdir(std::string(*this / "folder").c_str(), 0700) == 0);
    for (const std::string& path : {*this / "fifo", *this / "folder", std::string("/dev/null")}) {
        struct stat before{}, after{};
        BOOST_REQUIRE(::stat(path.c_str(), &before) == 0);
        BOOST_CHECK_EXCEPTION(pid_file{path}, std::runtime_error, [&](const auto& e) {
            return e.what() == path + ": not a regular file";
        });
        BOOST_TEST(::stat(path.c_str(), &after) == 0);
        BOOST_TEST(before.st_ino == after.st_ino);
    }
}

BOOST_FIXTURE_TEST_CASE(a_symbolic_link_is_not_followed, folder) {
    const std::string why = "it is a link, which a pid file cannot be";
    for (const char* target : {"/dev/null", "gone", "link", "file"}) {
        write("file", "");
        fs::remove(*this / "link");
        fs::create_symlink(target, *this / "link");
        BOOST_CHECK_EXCEPTION(pid_file{*this / "link"}, std::runtime_error, [&](const auto& e) {
            return e.what() == *this / "link" + ": " + why;
        });
        BOOST_TEST(fs::is_symlink(*this / "link"));
        BOOST_TEST(aio::app::wrong_with_pid_file(*this / "link", "") == why);
        BOOST_TEST(aio::app::wrong_with_pid_file("link", *this / ".") == why);
    }
    BOOST_TEST(aio::app::wrong_with_pid_file(*this / "file", "") == "");
    BOOST_TEST(aio::app::wrong_with_pid_file(*this / "none", "") == "");
    BOOST_TEST(aio::app::wrong_with_pid_file(*this / ".", "") == "not a regular file");
}

BOOST_FIXTURE_TEST_CASE(root_is_led_nowhere_by_the_owner_of_a_folder, folder) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    write("etc/app.conf", "text");
    write("his/run/aio.pid", "1\n");
    BOOST_REQUIRE(::chown(std::string(*this / "his").c_str(), 1234, 1234) == 0);
    pid_file(*this / "his/run/aio.pid").take();
    fs::rename(*this / "his/run", *this / "his/before");
    fs::create_symlink(*this / "etc", *this / "his/run");
    BOOST_CHECK_EXCEPTION(pid_file(*this / "his/run/app.conf"), std::runtime_error, [](auto& e) {
        return std::string(e.what()).find("root does not follow it") != std::string::npos;
    });
    fs::create_hard_link(*this / "etc/app.conf", *this / "his/second.pid");
    BOOST_CHECK_EXCEPTION(pid_file(*this / "his/second.pid"), std::runtime_error, [](auto& e) {
        return std::string(e.what()).find("has a second name") != std::string::npos;
    });
    BOOST_TEST(read("etc/app.conf") == "text");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_swapped_meanwhile_loses_nothing, folder) {
    write("run/aio.pid", "1\n");
    write("etc/aio.pid", "of somebody else\n");
    {
        pid_file mine(*this / "run/aio.pid");
        mine.take();
        fs::rename(*this / "run", *this / "before");
        fs::create_symlink("etc", *this / "run");
    }
    BOOST_TEST(read("etc/aio.pid") == "of somebody else\n");
    BOOST_TEST(!has("before/aio.pid"));
}

BOOST_AUTO_TEST_SUITE_END()
