#include <aio/base/text.hpp>
#include <aio/process/environment.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace aio::process;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(environment_of_a_child)

BOOST_AUTO_TEST_CASE(ours_is_added_to_and_replaced) {
    const char* ours[] = {"PATH=/bin", "HOME=/root", "AIO_PROCESS_INDEX=7", nullptr};
    const auto all = child_environment(ours, nullptr, {"HOME=/tmp", "A=b=c", "EMPTY="}, 2, 4);
    BOOST_TEST(
        aio::base::join(all, " ") == "PATH=/bin HOME=/tmp AIO_PROCESS_INDEX=2 A=b=c EMPTY= "
                                     "AIO_PROCESS_COUNT=4"
    );
    BOOST_TEST(value_of(all, "A") == std::string_view("b=c"));
    BOOST_TEST(value_of(all, "EMPTY") == std::string_view(""));
    BOOST_TEST((value_of(all, "HOM") == nullptr));
}

BOOST_AUTO_TEST_CASE(what_a_service_manager_told_aio_stays_with_aio) {
    const char* ours[] = {
        "NOTIFY_SOCKET=/run/x", "LISTEN_FDS=2", "LISTEN_PID=1", "WATCHDOG_USEC=5", "X=y", nullptr
    };
    const auto all = child_environment(ours, nullptr, {}, 0, 1);
    BOOST_TEST(aio::base::join(all, " ") == "X=y AIO_PROCESS_INDEX=0 AIO_PROCESS_COUNT=1");
}

BOOST_AUTO_TEST_CASE(another_user_has_its_own_home) {
    const char* ours[] = {
        "XDG_CONFIG_HOME=/var/own/.config",
        "PATH=/bin",
        "HOME=/var/own",
        "XDG_RUNTIME_DIR=/run/user/0",
        "USER=root",
        "MAIL=/x",
        "SSH_AUTH_SOCK=/tmp/agent",
        "XDG_CACHE_HOME=/var/owner/cache",
        "XDG_DATA_HOME=/var/own",
        "XDG_STATE_HOME=",
        nullptr
    };
    aio::base::identity who;
    who.user_name = "www";
    who.home = "/srv";
    who.shell = "/bin/false";
    BOOST_TEST(
        aio::base::join(child_environment(ours, &who, {"SHELL=/bin/sh"}, 0, 1), " ") ==
        "PATH=/bin HOME=/srv USER=www XDG_CACHE_HOME=/var/owner/cache XDG_STATE_HOME= LOGNAME=www "
        "SHELL=/bin/sh AIO_PROCESS_INDEX=0 AIO_PROCESS_COUNT=1"
    );
}

BOOST_AUTO_TEST_CASE(what_is_inside_the_home_before_is_left_out_however_that_is_written) {
    aio::base::identity who;
    who.user_name = "www";
    for (const char* home : {"HOME=/var/own/", "HOME=/"}) {
        const char* ours[] = {
            "XDG_CACHE_HOME=/var/own/.cache", home, "XDG_DATA_HOME=/var/own/x", nullptr
        };
        const auto all = child_environment(ours, &who, {}, 0, 1);
        BOOST_TEST((value_of(all, "XDG_CACHE_HOME") == nullptr));
        BOOST_TEST((value_of(all, "XDG_DATA_HOME") == nullptr));
    }
}

BOOST_AUTO_TEST_CASE(a_folder_for_temporary_files_that_another_user_alone_may_write_is_left_out) {
    const aio::testing::temporary_folder folder;
    const std::string ours = "TMPDIR=" + folder.path().string();
    const char* all[] = {ours.c_str(), "TMP=/tmp", "TEMP=/nowhere", nullptr};
    aio::base::identity who;
    who.user_name = "www";
    who.user = ::getuid() + 1;
    const auto theirs = child_environment(all, &who, {}, 0, 1);
    BOOST_TEST((value_of(theirs, "TMPDIR") == nullptr));
    BOOST_TEST(value_of(theirs, "TMP") == std::string("/tmp"));
    BOOST_TEST(value_of(theirs, "TEMP") == std::string("/nowhere"));
    who.user = ::getuid();
    BOOST_TEST((value_of(child_environment(all, &who, {}, 0, 1), "TMPDIR") != nullptr));
}

BOOST_AUTO_TEST_CASE(a_user_without_an_entry_has_no_home) {
    const char* ours[] = {"A=b", "HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/x", nullptr};
    const auto who = aio::base::find_user("54321");
    BOOST_REQUIRE(who);
    BOOST_TEST(
        aio::base::join(child_environment(ours, &*who, {}, 0, 1), " ") ==
        "A=b AIO_PROCESS_INDEX=0 AIO_PROCESS_COUNT=1"
    );
    BOOST_TEST(
        aio::base::join(child_environment(ours, &*who, {"HOME=/srv"}, 0, 1), " ") ==
        "A=b HOME=/srv AIO_PROCESS_INDEX=0 AIO_PROCESS_COUNT=1"
    );
}

BOOST_AUTO_TEST_CASE(another_group_alone_leaves_the_home) {
    const char* ours[] = {"HOME=/root", nullptr};
    const auto who = aio::base::own_identity();
    BOOST_TEST(value_of(child_environment(ours, &who, {}, 0, 1), "HOME") == "/root"s);
}

BOOST_AUTO_TEST_CASE(it_may_have_nothing_of_ours) {
    BOOST_TEST(
        aio::base::join(child_environment(nullptr, nullptr, {"A=b"}, 0, 1), " ") ==
        "A=b AIO_PROCESS_INDEX=0 AIO_PROCESS_COUNT=1"
    );
}

BOOST_AUTO_TEST_CASE(programs_are_found_as_execvp_finds_them) {
    namespace fs = std::filesystem;
    const aio::testing::temporary_folder folder;
    const std::string base = folder.path().string();
    fs::create_directories(folder.path() / "bin/folder");
    const auto make = [&](const char* name, bool executable) {
        std::ofstream(folder.path() / "bin" / name) << "#!/bin/sh\n";
        fs::permissions(
            folder.path() / "bin" / name, executable ? fs::perms::owner_all : fs::perms::owner_read
        );
    };
    make("tool", true);
    make("data", false);
    const std::string path = "/nowhere:" + base + "/bin:/bin";
    BOOST_TEST(find_program("tool", path.c_str(), "") == base + "/bin/tool");
    BOOST_TEST(find_program("sh", path.c_str(), "") == "/bin/sh");
    BOOST_TEST(find_program("data", path.c_str(), "") == "");
    BOOST_TEST(find_program("folder", path.c_str(), "") == "");
    BOOST_TEST(find_program("", path.c_str(), "") == "");
    BOOST_TEST(find_program("sh", nullptr, "").ends_with("/sh"));
    BOOST_TEST(find_program("sh", "", "").ends_with("/sh")); // empty counts as not set
    BOOST_TEST(find_program(base + "/bin/tool", "", "") == base + "/bin/tool");
    BOOST_TEST(find_program("bin/tool", "", base) == "bin/tool");
    BOOST_TEST(find_program("tool", "bin", base) == "bin/tool");
    BOOST_TEST(find_program("./tool", "", base) == "");
    BOOST_TEST(find_program("tool", "", base + "/bin") == "");
    BOOST_TEST(
        find_program("tool", ":/bin", base + "/bin") == "./tool"
    ); // an empty part is a folder
}

BOOST_AUTO_TEST_SUITE_END()
