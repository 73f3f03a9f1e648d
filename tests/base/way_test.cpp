#include "access_list.hpp"

#include <aio/base/trust.hpp>
#include <aio/base/way.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

using namespace aio::base;
namespace fs = std::filesystem;

namespace {

using folder = aio::testing::temporary_folder;

} // namespace

BOOST_FIXTURE_TEST_SUITE(way_, folder)

BOOST_AUTO_TEST_CASE(it_ends_at_the_last_part_there_or_not) {
    write("a/b/file", "");
    fs::create_symlink("a/b", path() / "short");
    const way there = follow("short/../b/file", path());
    BOOST_TEST(there.exists);
    BOOST_TEST(there.path == *this / "a/b/file");
    BOOST_TEST(there.name == "file");
    const way missing = follow("short/none", path());
    BOOST_TEST(!missing.exists);
    BOOST_TEST(missing.error == 0);
    BOOST_TEST(missing.path == *this / "a/b/none");
    const way none = follow("no/none", path());
    BOOST_TEST(none.error == ENOENT);
    BOOST_TEST(follow("short/file/x", path()).error == ENOTDIR);
    const way itself = follow("short/.", path());
    BOOST_TEST(itself.name == ".");
    BOOST_TEST(itself.path == *this / "a/b");
    BOOST_TEST(follow("/").path == "/");
    BOOST_TEST(follow("/../..").path == "/");
}

BOOST_AUTO_TEST_CASE(a_stranger_is_seen_in_what_the_walk_found_and_in_what_was_opened) {
    if (::geteuid() != 0)
        return;
    constexpr uid_t nobody = 65534, other = 1234;
    const auto give = [&](const char* name, uid_t owner) {
        BOOST_REQUIRE(::lchown((*this / name).c_str(), owner, owner) == 0);
    };
    fs::permissions(path(), fs::perms::all);
    write("own", "");
    write("root", "");
    write("folder/file", "");
    write("private/strange", "");
    write("strange", "");
    fs::create_symlink("own", path() / "link");
    give("own", nobody);
    give("folder/file", nobody);
    for (const char* name : {"folder", "private/strange", "strange", "link"})
        give(name, other);
    BOOST_REQUIRE(::seteuid(nobody) == 0);
    const auto stranger = [&](const char* name) {
        return follow(name, path()).stranger.value_or("");
    };
    const std::string own = stranger("own"), root = stranger("root"),
                      unshared = stranger("private/strange"), folder = stranger("folder/file"),
                      strange = stranger("strange"), link = stranger("link");
    const way seen = follow("own", path());
    fs::rename(path() / "strange", path() / "own");
    struct stat now{};
    const descriptor opened(seen.open(O_RDONLY));
    BOOST_TEST(::fstat(opened.get(), &now) == 0);
    const std::string swapped = seen.stranger_of(now).value_or("");
    BOOST_REQUIRE(::seteuid(0) == 0);
    BOOST_TEST(own == "");
    BOOST_TEST(root == "");
    BOOST_TEST(unshared == "");
    BOOST_TEST(folder == "'folder' belongs to user 1234, in a folder that everybody may write");
    BOOST_TEST(strange == "'strange' belongs to user 1234, in a folder that everybody may write");
    BOOST_TEST(link == "'link' belongs to user 1234, in a folder that everybody may write");
    BOOST_TEST(swapped == "'own' belongs to user 1234, in a folder that everybody may write");
}

BOOST_AUTO_TEST_CASE(what_somebody_else_may_write_is_a_strangers_in_a_sticky_folder) {
    if (::geteuid() != 0)
        return;
    constexpr uid_t nobody = 65534;
    constexpr auto shared = fs::perms::owner_all | fs::perms::group_all;
    fs::permissions(path(), fs::perms::all | fs::perms::sticky_bit);

    struct entry {
        const char* name;
        gid_t group;
        fs::perms mode;
        const char* reason;
    };

    const entry all[] = {
        {"own", nobody, shared, ""},
        {"of_roots_group", 0, shared, ""},
        {"unshared", 1234, fs::perms::owner_all, ""},
        {"shared", 1234, shared, "'shared' may be written by group 1234"},
        {"open", nobody, fs::perms::all, "'open' may be written by everybody"},
        {"moved/file", 1234, shared, "'moved' may be written by group 1234"},
        {"everybodys/file", nobody, fs::perms::all, "'file' may be written by everybody"},
    };
    for (const entry& each : all) {
        write(each.name, "");
        const fs::path folder = fs::path(each.name).parent_path();
        for (const fs::path& name : {folder, fs::path(each.name)}) {
            if (name.empty())
                continue;
            BOOST_REQUIRE(::lchown((path() / name).c_str(), nobody, each.group) == 0);
            fs::permissions(path() / name, each.mode);
        }
    }
    fs::permissions(path() / "everybodys", fs::perms::all | fs::perms::sticky_bit);
    write("listed", "");
    BOOST_REQUIRE(::lchown((*this / "listed").c_str(), nobody, nobody) == 0);
    const bool lists =
        aio::testing::set_access_list(*this / "listed", aio::testing::list_for_user_1234(), false);
    write("own_list", "");
    BOOST_REQUIRE(::lchown((*this / "own_list").c_str(), nobody, nobody) == 0);
    const std::string own_list = aio::testing::access_list(
        {{1, 6}, {2, 6, nobody}, {4, 0}, {8, 6, nobody}, {0x10, 6}, {0x20, 0}}
    );
    if (!aio::testing::set_access_list(*this / "own_list", own_list, false))
        BOOST_TEST_MESSAGE("this file system has no access lists: they are not tested");
    BOOST_REQUIRE(::setegid(nobody) == 0);
    BOOST_REQUIRE(::seteuid(nobody) == 0);
    std::vector<std::string> found;
    for (const entry& each : all)
        found.push_back(follow(each.name, path()).stranger.value_or(""));
    const std::string listed = follow("listed", path()).stranger.value_or("");
    const std::string own_listed = follow("own_list", path()).stranger.value_or("");
    BOOST_REQUIRE(::seteuid(0) == 0);
    BOOST_REQUIRE(::setegid(0) == 0);
    for (std::size_t i = 0; i < std::size(all); ++i)
        BOOST_TEST(found[i] == all[i].reason, all[i].name << ": " << found[i]);
    if (lists) {
        BOOST_TEST(own_listed == "");
        BOOST_TEST(listed == "'listed' may be written by user 1234 (an access list)");
    }
}

BOOST_AUTO_TEST_CASE(the_last_link_can_be_kept) {
    fs::create_directory(path() / "a");
    fs::create_symlink("a", path() / "folder");
    fs::create_symlink("/dev/stdout", path() / "a/link");
    const way kept = follow(*this / "folder/link", {}, last_link::keep);
    BOOST_TEST(!kept.own_descriptor);
    BOOST_TEST(kept.path == *this / "a/link");
    BOOST_TEST(S_ISLNK(kept.found.st_mode));
    BOOST_TEST(kept.open(O_RDONLY) == -1);
    BOOST_TEST(errno == ELOOP);
    BOOST_TEST(follow(*this / "folder/link").own_descriptor.value() == STDOUT_FILENO);
}

BOOST_AUTO_TEST_CASE(what_is_opened_is_what_was_found) {
    write("a/file", "");
    fs::create_directory(path() / "b");
    const way found = follow(*this / "a/file");
    fs::rename(path() / "a", path() / "before");
    fs::create_symlink("b", path() / "a");
    write("b/file", "other");
    const descriptor opened(found.open(O_RDONLY));
    struct stat now{};
    BOOST_REQUIRE(::fstat(opened.get(), &now) == 0);
    BOOST_TEST(now.st_ino == found.found.st_ino);
    fs::remove(path() / "before/file");
    fs::create_symlink("../b/file", path() / "before/file");
    BOOST_TEST(found.open(O_RDONLY) == -1);
}

BOOST_AUTO_TEST_CASE(a_path_that_is_longer_than_a_call_of_the_system_takes_is_followed) {
    write("a/file", "");
    std::string path = *this / "a";
    for (int i = 0; i < 1000; ++i)
        path += "/../a";
    BOOST_TEST(follow(path + "/file").exists);
}

BOOST_AUTO_TEST_CASE(root_looks_at_everything_above) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    write("his/inner/file", "");
    write("mine", "");
    BOOST_REQUIRE(::chown((*this / "his").c_str(), 1234, 1234) == 0);
    const std::string reason = *this / "his" + " belongs to user 1234";
    BOOST_TEST(!follow(*this / "mine").distrust);
    for (const char* name : {"his/inner/file", "his/inner/../../mine", "his/none"})
        BOOST_TEST(follow(*this / name).distrust.value() == reason, name);
    fs::create_symlink("inner", path() / "his/way");
    const way refused = follow(*this / "his/way/file");
    BOOST_TEST(
        refused.planted == *this / "his/way" + " is a link, and its folder is not root's alone (" +
                               reason + "): root does not follow it"
    );
    BOOST_TEST(!refused.exists);

    const descriptor before(::open(".", O_PATH | O_CLOEXEC));
    BOOST_REQUIRE(::chdir((*this / "his/inner").c_str()) == 0);
    BOOST_TEST(follow("file").distrust.value() == reason);
    BOOST_TEST(follow("../../mine").distrust.value() == reason);
    BOOST_REQUIRE(::fchdir(before.get()) == 0);
}

BOOST_AUTO_TEST_CASE(root_trusts_no_folder_that_could_not_be_examined) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    write("his/inner/file", "");
    BOOST_REQUIRE(::chown((*this / "his").c_str(), 1234, 1234) == 0);
    const descriptor before(::open(".", O_PATH | O_CLOEXEC));
    BOOST_REQUIRE(::chdir((*this / "his/inner").c_str()) == 0);
    rlimit usual{};
    BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &usual) == 0);
    const descriptor next(::dup(before.get())); // all numbers below it may be in use
    for (rlim_t spare = 0; spare < 6; ++spare) {
        const rlimit tight{static_cast<rlim_t>(next.get()) + 1 + spare, usual.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &tight);
        const way found = follow("file");
        const auto reason = distrust(std::filesystem::path("file"));
        ::setrlimit(RLIMIT_NOFILE, &usual);
        BOOST_TEST((found.error == EMFILE || found.distrust), "with " << spare << " descriptors");
        BOOST_TEST(reason.has_value(), "with " << spare << " descriptors");
    }
    BOOST_REQUIRE(::fchdir(before.get()) == 0);
}

BOOST_AUTO_TEST_CASE(root_looks_at_everything_above_a_link_of_proc) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    write("his/inner/file", "");
    write("mine/file", "");
    BOOST_REQUIRE(::chown((*this / "his").c_str(), 1234, 1234) == 0);
    const std::string reason = *this / "his" + " belongs to user 1234";
    const descriptor before(::open(".", O_PATH | O_CLOEXEC));
    BOOST_REQUIRE(::chdir((*this / "his/inner").c_str()) == 0);
    for (const std::string name :
         {"/proc/self/cwd/file", "/proc/self/cwd", "/proc/self/cwd/none"}) {
        const way found = follow(name);
        BOOST_TEST(found.distrust.value_or("trusted") == reason, name);
        BOOST_TEST(!found.process_link);
    }
    BOOST_TEST(follow("/proc/self/cwd/file").path == *this / "his/inner/file");
    BOOST_TEST(follow("/proc/self/cwd/../../mine/file").path == *this / "mine/file");
    BOOST_TEST(follow("/proc/self/root" + *this / "his/none").distrust.value() == reason);
    BOOST_REQUIRE(::chdir((*this / "mine").c_str()) == 0);
    BOOST_TEST(!follow("/proc/self/cwd/file").distrust);
    BOOST_TEST(follow("/proc/self/root").path == "/");
    BOOST_TEST(follow("/proc/self/exe").process_link);
    BOOST_REQUIRE(::fchdir(before.get()) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
