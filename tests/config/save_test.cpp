#include <aio/config/edit.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
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

/// The user nobody, if root runs the tests, who owns `folder` and what is in it from then on.
class as_nobody {
  public:
    explicit as_nobody(const fs::path& folder) : root_(::geteuid() == 0) {
        if (!root_)
            return;
        BOOST_REQUIRE(::chown(folder.c_str(), nobody, nobody) == 0);
        for (const fs::directory_entry& each : fs::recursive_directory_iterator(folder))
            BOOST_REQUIRE(::lchown(each.path().c_str(), nobody, nobody) == 0);
        BOOST_REQUIRE(::setegid(nobody) == 0);
        BOOST_REQUIRE(::seteuid(nobody) == 0);
    }

    as_nobody(const as_nobody&) = delete;
    as_nobody& operator=(const as_nobody&) = delete;

    ~as_nobody() {
        if (root_)
            BOOST_TEST((::seteuid(0) == 0 && ::setegid(0) == 0));
    }

  private:
    static constexpr uid_t nobody = 65534;

    bool root_;
};

struct list_entry {
    std::uint16_t tag, rights;
    std::uint32_t id;
};

/// Everything for the owner, the group and user 65534, reading for others. False: there are no
/// access lists here.
bool share_with_nobody(const fs::path& path, const char* name) {
    const struct {
        std::uint32_t version = 2;
        list_entry entries[5] = {
            {0x01, 7, 0xffffffff}, // the owner
            {0x02, 7, 65534},      // a user
            {0x04, 7, 0xffffffff}, // the group
            {0x10, 7, 0xffffffff}, // the mask
            {0x20, 4, 0xffffffff}, // others
        };
    } list;

    return ::setxattr(path.c_str(), name, &list, sizeof list, 0) == 0;
}

/// Runs `act` in a process of its own that sees `top` as an overlay of the folders "lower" and
/// "upper" in it, at "merged". Its exit status, or nothing where no overlay can be mounted.
std::optional<int> with_overlay(const folder& top, const std::function<int()>& act) {
    for (const char* name : {"lower", "upper", "work", "merged"})
        fs::create_directory(top.path() / name);
    constexpr int impossible = 99;
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string merged = top / "merged";
        const std::string layers = "lowerdir=" + (top / "lower") + ",upperdir=" + (top / "upper") +
                                   ",workdir=" + (top / "work");
        const bool mounted = ::unshare(CLONE_NEWNS) == 0 &&
                             ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                             ::mount("overlay", merged.c_str(), "overlay", 0, layers.c_str()) == 0;
        ::_exit(mounted ? act() : impossible);
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status) == impossible ? std::nullopt : std::optional(WEXITSTATUS(status));
}

bool has_access_list(const fs::path& path) {
    return ::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

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

BOOST_AUTO_TEST_CASE(a_default_access_list_of_the_folder_gives_nobody_more) {
    const std::string file = path() / "a.conf";
    write("a.conf", "one\n");
    BOOST_REQUIRE(::chmod(file.c_str(), 0640) == 0);
    if (!share_with_nobody(path(), "system.posix_acl_default")) {
        BOOST_TEST_MESSAGE("skipped: this file system has no access lists");
        return;
    }
    BOOST_TEST(config::save(file, "two\n").error == "");
    BOOST_TEST(!has_access_list(file));
    struct stat now{};
    BOOST_REQUIRE(::stat(file.c_str(), &now) == 0);
    BOOST_TEST((now.st_mode & 07777u) == 0640u);

    BOOST_REQUIRE(share_with_nobody(file, "system.posix_acl_access"));
    BOOST_TEST(config::save(file, "three\n").error == "");
    BOOST_TEST(has_access_list(file));
    BOOST_TEST(config::save(path() / "new.conf", "one\n").error == "");
    BOOST_TEST(has_access_list(path() / "new.conf")); // as every new file there
}

BOOST_AUTO_TEST_CASE(a_file_that_has_changed_since_it_was_read_stays) {
    const std::string file = path() / "a.conf";
    const std::string wrong =
        "cannot write '" + file + "': it changed meanwhile; nothing was written";
    const config::file_state nothing = config::look_at(file);
    BOOST_TEST(!nothing.exists);
    BOOST_TEST(nothing.error == 0);
    write("a.conf", "of another\n");
    BOOST_TEST(config::save(file, "mine\n", nothing).error == wrong);

    const config::file_state before = config::look_at(file);
    write("b.conf", "of another\n");
    fs::rename(path() / "b.conf", file); // as editors do
    BOOST_TEST(config::save(file, "mine\n", before).error == wrong);

    const config::file_state shorter = config::look_at(file);
    write("a.conf", "longer than before\n"); // in place
    BOOST_TEST(config::save(file, "mine\n", shorter).error == wrong);

    const config::file_state older = config::look_at(file);
    const timespec times[2] = {{1000000000, 0}, {1000000000, 1}};
    BOOST_REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
    BOOST_TEST(config::save(file, "mine\n", older).error == wrong);

    const config::file_state open_to_all = config::look_at(file);
    BOOST_REQUIRE(::chmod(file.c_str(), 0600) == 0); // the old mode does not come back
    BOOST_TEST(config::save(file, "mine\n", open_to_all).error == wrong);
    fs::create_hard_link(file, path() / "c.conf");
    BOOST_TEST(config::save(file, "mine\n").error == "");

    const config::file_state removed = config::look_at(file);
    fs::remove(file);
    BOOST_TEST(config::save(file, "mine\n", removed).error == wrong);
    BOOST_TEST(!has("a.conf"));
    BOOST_TEST(read("c.conf") == "mine\n");
    BOOST_TEST(count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_of_an_image_is_written_in_place) {
    fs::create_directory(path() / "lower");
    for (const char* name : {"lower/linked.conf", "lower/closed.conf", "lower/other.conf"})
        write(name, "of the image\n");
    fs::create_hard_link(path() / "lower/linked.conf", path() / "lower/second.conf");
    fs::create_hard_link(path() / "lower/other.conf", path() / "lower/third.conf");
    BOOST_REQUIRE(::chmod((path() / "lower/closed.conf").c_str(), 0666) == 0);
    BOOST_REQUIRE(::chmod(path().c_str(), 0755) == 0);
    const auto saves = [&](const char* name) {
        const config::saved done = config::save(path() / "merged" / name, "mine\n");
        return done.error.empty() && done.note.find("was written in place") != std::string::npos &&
               read(std::string("merged/") + name) == "mine\n";
    };
    const std::optional<int> failed = with_overlay(*this, [&] {
        if (!saves("linked.conf"))
            return 1;
        const fs::path other = path() / "merged/other.conf";
        const config::file_state before = config::look_at(other);
        write("merged/third.conf", "of another\n"); // copied up, no second name from now on
        write("merged/other.conf", "of another\n");
        if (config::save(other, "mine\n", before).error.find("changed meanwhile") ==
                std::string::npos ||
            read("merged/other.conf") != "of another\n")
            return 2;
        if (::setegid(65534) != 0 || ::seteuid(65534) != 0) // the folder takes no new file of his
            return 3;
        return saves("closed.conf") ? 0 : 4;
    });
    if (!failed) {
        BOOST_TEST_MESSAGE("skipped: needs root and overlays");
        return;
    }
    BOOST_TEST(*failed == 0);
    BOOST_TEST(read("upper/linked.conf") == "mine\n");
    BOOST_TEST(read("lower/linked.conf") == "of the image\n");
}

BOOST_AUTO_TEST_CASE(it_is_known_that_a_file_is_not_there_or_it_is_an_error) {
    fs::create_symlink("round.conf", path() / "round.conf");
    fs::create_symlink("none.conf", path() / "link.conf");
    write("file", "");
    BOOST_TEST(config::look_at(path() / "none/a.conf").error == 0);
    BOOST_TEST(config::look_at(path() / "link.conf").error == 0);
    BOOST_TEST(config::look_at(path() / "round.conf").error == ELOOP);
    BOOST_TEST(config::look_at(path() / "file/a.conf").error == ENOTDIR);
    fs::create_directory(path() / "his");
    write("his/a.conf", "one\n");
    const as_nobody user(path());
    BOOST_REQUIRE(::chmod((path() / "his").c_str(), 0) == 0);
    BOOST_TEST(config::look_at(path() / "his/a.conf").error == EACCES);
    BOOST_REQUIRE(::chmod((path() / "his").c_str(), 0700) == 0);
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_synced_is_a_note) {
    const std::string file = path() / "a.conf";
    write("a.conf", "one\n");
    const as_nobody user(path());
    BOOST_REQUIRE(::chmod(path().c_str(), 0300) == 0);
    const config::saved done = config::save(file, "two\n");
    BOOST_REQUIRE(::chmod(path().c_str(), 0700) == 0);
    BOOST_TEST(done.error == "");
    BOOST_TEST(
        done.note == "'" + file +
                         "' was written, but its folder cannot be synced (Permission denied): if "
                         "the machine crashes now, the old text may come back"
    );
    BOOST_TEST(read("a.conf") == "two\n");
    BOOST_TEST(count() == 1u);
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
