#include <aio/log/target.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>

using namespace aio::log;
namespace fs = std::filesystem;

namespace {

struct folder_fixture {
    aio::testing::temporary_folder folder;

    static std::string refused(const std::string& path) { return opened_below(path, ""); }

    static std::string opened_below(const std::string& path, const std::string& directory) {
        try {
            open_log(path, directory);
        } catch (const std::runtime_error& e) {
            return e.what();
        }
        return "opened";
    }

    /// A folder of another user inside, with a file of root's outside.
    std::string foreign() {
        fs::create_directory(folder / "his");
        folder.write("secret", "");
        BOOST_REQUIRE(::chown((folder / "his").c_str(), 1234, 1234) == 0);
        return folder / "his";
    }
};

bool is_root() {
    if (::geteuid() != 0)
        BOOST_TEST_MESSAGE("skipped: needs root");
    return ::geteuid() == 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(target_, folder_fixture)

BOOST_AUTO_TEST_CASE(names_of_descriptors_are_known) {
    BOOST_TEST(descriptor_of("/dev/stdin").value() == 0);
    BOOST_TEST(descriptor_of("/dev/stdout").value() == 1);
    BOOST_TEST(descriptor_of("/dev/stderr").value() == 2);
    BOOST_TEST(descriptor_of("/dev/fd/17").value() == 17);
    BOOST_TEST(descriptor_of("/proc/self/fd/3").value() == 3);
    BOOST_TEST(descriptor_of("/proc/self/task/7/fd/3").value() == 3);
    BOOST_TEST(!descriptor_of("/proc/1/fd/3") == (::getpid() != 1));
    BOOST_TEST(!descriptor_of("/dev/fd/"));
    BOOST_TEST(!descriptor_of("/dev/fd/x"));
    BOOST_TEST(!descriptor_of("/dev/fd/-1"));
    BOOST_TEST(!descriptor_of("/dev/stdout.log"));
    BOOST_TEST(!descriptor_of("x.log"));
}

BOOST_AUTO_TEST_CASE(a_path_is_followed_to_its_end) {
    fs::create_directories(folder / "a/b");
    fs::create_symlink("a/b", folder / "short");
    fs::create_symlink("../../x.log", folder / "a/b/up");
    const target found = find_target("short/../b/up", folder.path());
    BOOST_TEST((found.kind == target_kind::missing));
    BOOST_TEST(found.way.path == folder / "x.log");
    BOOST_TEST(found.way.name == "x.log");
    const open_target made = open(found, beginning::keep, "x.log");
    BOOST_TEST(made.created);
    BOOST_TEST((find_target(folder / "x.log", "").kind == target_kind::file));
    BOOST_TEST(!open_log(folder / "x.log").created);
}

BOOST_AUTO_TEST_CASE(a_descriptor_of_another_process_is_opened_as_it_is) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    fs::create_symlink(
        "/proc/" + std::to_string(child) + "/fd/" + std::to_string(ends[1]), folder / "out"
    );
    open_target opened = open_log(folder / "out");
    BOOST_TEST((opened.kind == target_kind::descriptor));
    BOOST_TEST(::write(opened.file.get(), "x", 1) == 1);
    char got = 0;
    BOOST_TEST(::read(ends[0], &got, 1) == 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_log_says_why) {
    fs::create_directory(folder / "a");
    fs::create_symlink("round", folder / "round");
    folder.write("file", "");
    BOOST_TEST(refused(folder / "no/x.log").ends_with("no/x.log': No such file or directory"));
    BOOST_TEST(refused(folder / "file/x.log").ends_with(": Not a directory"));
    BOOST_TEST(refused(folder / "a").ends_with(": Is a directory"));
    BOOST_TEST(refused((folder / "new") + "/").ends_with(": Is a directory"));
    BOOST_TEST(refused(folder / "round").ends_with(": Too many levels of symbolic links"));
    BOOST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    BOOST_TEST(refused(folder / "pipe").ends_with(": it is a pipe that nobody reads"));

    const int server = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, (folder / "socket").c_str());
    BOOST_REQUIRE(::bind(server, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    BOOST_TEST(refused(folder / "socket").find("it is a socket") != std::string::npos);
    ::close(server);
}

BOOST_AUTO_TEST_CASE(a_folder_that_was_removed_is_said_in_words) {
    const int before = ::open(".", O_PATH);
    fs::create_directory(folder / "gone");
    BOOST_REQUIRE(::chdir((folder / "gone").c_str()) == 0);
    fs::remove(folder / "gone");
    BOOST_TEST(refused("x.log") == "cannot open 'x.log': its folder has been removed");
    BOOST_TEST(!open_log(folder / "absolute.log").file.get() == false);
    BOOST_REQUIRE(::fchdir(before) == 0);
    ::close(before);
}

BOOST_AUTO_TEST_CASE(root_follows_no_link_in_the_folder_of_another_user) {
    if (!is_root())
        return;
    const std::string his = foreign();
    fs::create_symlink(folder / "secret", his + "/x.log");
    BOOST_TEST(refused(his + "/x.log").find("root does not follow it") != std::string::npos);
    fs::create_symlink(folder.path(), his + "/folder");
    BOOST_TEST(refused(his + "/folder/y.log").find("root does not follow") != std::string::npos);
    fs::create_directory(his + "/inner"); // root's, below his
    fs::create_symlink(folder / "secret", his + "/inner/x.log");
    BOOST_TEST(refused(his + "/inner/x.log").find("root does not follow") != std::string::npos);
    BOOST_TEST(!folder.has("y.log"));
}

BOOST_AUTO_TEST_CASE(root_writes_to_no_second_name_of_a_file_in_the_folder_of_another_user) {
    if (!is_root())
        return;
    const std::string his = foreign();
    fs::create_hard_link(folder / "secret", his + "/x.log");
    BOOST_TEST(refused(his + "/x.log").find("has a second name") != std::string::npos);
    BOOST_TEST(open_log(his + "/fresh.log").created);
}

BOOST_AUTO_TEST_CASE(root_follows_links_that_only_root_can_have_made) {
    if (!is_root())
        return;
    const std::string his = foreign();
    fs::create_symlink(his + "/x.log", folder / "mine");
    BOOST_TEST(open_log(folder / "mine").created);
    fs::create_symlink("/dev/stderr", his + "/open_already");
    BOOST_TEST((open_log(his + "/open_already").kind == target_kind::descriptor));
}

BOOST_AUTO_TEST_CASE(root_follows_no_link_of_others_in_a_folder_that_is_everybodys) {
    if (!is_root())
        return;
    fs::create_directory(folder / "tmp");
    BOOST_REQUIRE(::chmod((folder / "tmp").c_str(), 01777) == 0);
    folder.write("secret", "");
    fs::create_symlink("../secret", folder / "tmp/his");
    fs::create_symlink("../secret", folder / "tmp/own");
    BOOST_REQUIRE(::lchown((folder / "tmp/his").c_str(), 1234, 1234) == 0);
    BOOST_TEST(refused(folder / "tmp/his").find("root does not follow it") != std::string::npos);
    BOOST_TEST(refused(folder / "tmp/own") == "opened");
}

BOOST_AUTO_TEST_CASE(root_examines_every_folder_above_a_relative_path) {
    if (!is_root())
        return;
    const std::string his = foreign();
    fs::create_directory(his + "/app"); // root's, below his
    const auto in_app = [&](const char* path) { return opened_below(path, his + "/app"); };
    BOOST_TEST(in_app("x.log") == "opened");
    fs::create_hard_link(folder / "secret", his + "/app/second.log");
    BOOST_TEST(in_app("second.log").find("has a second name") != std::string::npos);

    fs::create_directory(folder / "etc");
    fs::rename(his + "/app", his + "/before");
    fs::create_symlink(folder / "etc", his + "/app");
    BOOST_TEST(in_app("y.log").find("root does not follow it") != std::string::npos);
    BOOST_TEST(in_app("../app/y.log").find("root does not follow it") != std::string::npos);
    BOOST_TEST(!fs::exists(folder / "etc/y.log"));
}

BOOST_AUTO_TEST_CASE(root_examines_every_folder_above_the_current_one) {
    if (!is_root())
        return;
    const std::string his = foreign();
    fs::create_directories(his + "/app/logs");
    fs::create_hard_link(folder / "secret", his + "/app/second.log");
    fs::create_symlink(folder / "secret", his + "/app/logs/link.log");
    const int before = ::open(".", O_PATH | O_CLOEXEC);
    BOOST_REQUIRE(::chdir((his + "/app").c_str()) == 0);
    for (const char* directory : {"", ".", "logs/.."}) {
        BOOST_TEST(
            opened_below("second.log", directory).find("has a second name") != std::string::npos
        );
        BOOST_TEST(
            opened_below("logs/link.log", directory).find("root does not follow it") !=
            std::string::npos
        );
        BOOST_TEST(opened_below("x.log", directory) == "opened");
    }
    BOOST_REQUIRE(::fchdir(before) == 0);
    ::close(before);
}

BOOST_AUTO_TEST_CASE(a_relative_path_needs_no_right_to_the_folders_above_the_current_one) {
    if (!is_root())
        return;
    fs::create_directories(folder / "closed/own");
    BOOST_REQUIRE(::chown((folder / "closed/own").c_str(), 1234, 1234) == 0);
    BOOST_REQUIRE(::chmod((folder / "closed").c_str(), 0700) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool there = ::chdir((folder / "closed/own").c_str()) == 0 && ::setgid(1234) == 0 &&
                           ::setuid(1234) == 0;
        ::_exit(there && opened_below("x.log", "") == "opened" ? 0 : 1);
    }
    int status = -1;
    BOOST_TEST(::waitpid(child, &status, 0) == child);
    BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(root_follows_no_descriptor_of_the_process_of_another_user) {
    if (!is_root())
        return;
    folder.write("secret", "");
    const int secret = ::open((folder / "secret").c_str(), O_RDONLY | O_CLOEXEC);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgid(1234) != 0 || ::setuid(1234) != 0)
            ::_exit(1);
        ::prctl(PR_SET_DUMPABLE, 1);
        ::raise(SIGSTOP);
        ::_exit(0);
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, WUNTRACED) == child);
    BOOST_TEST(
        refused("/proc/" + std::to_string(child) + "/fd/" + std::to_string(secret))
            .find("root does not follow it") != std::string::npos
    );
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(secret);
}

BOOST_AUTO_TEST_CASE(a_lack_of_room_may_pass_and_a_wrong_path_does_not) {
    for (const int error : {ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EAGAIN, EIO, ESTALE})
        BOOST_TEST(may_pass(error), error);
    for (const int error : {ENOENT, ENOTDIR, EACCES, EPERM, EISDIR, ELOOP, ENAMETOOLONG, EROFS, 0})
        BOOST_TEST(!may_pass(error), error);
}

BOOST_AUTO_TEST_SUITE_END()
