#include "access_list.hpp"

#include <aio/base/descriptor.hpp>
#include <aio/base/trust.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <linux/posix_acl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

using namespace aio::base;

namespace {

namespace fs = std::filesystem;

std::string reason(uid_t user, ownership file) {
    return distrust(user, file).value_or("trusted");
}

/// Lets one more user or group (`tag`) write. False: the file system has no access lists.
bool give(const std::string& path, std::uint16_t tag, std::uint32_t id) {
    using aio::testing::access_list;
    const bool user = tag == ACL_USER; // the system wants them in this order
    const std::string list = user ? access_list(
                                        {{ACL_USER_OBJ, 7},
                                         {tag, 7, id},
                                         {ACL_GROUP_OBJ, 5},
                                         {ACL_MASK, 7},
                                         {ACL_OTHER, 5}}
                                    )
                                  : access_list(
                                        {{ACL_USER_OBJ, 7},
                                         {ACL_GROUP_OBJ, 5},
                                         {tag, 7, id},
                                         {ACL_MASK, 7},
                                         {ACL_OTHER, 5}}
                                    );
    return aio::testing::set_access_list(path, list, false);
}

/// Calls `ask` in a process without /proc. Its answer, or nothing when there can be no such
/// process.
std::optional<bool> without_proc(const std::function<bool()>& ask) {
    const pid_t child = ::fork();
    if (child == 0) {
        const bool hidden = ::unshare(CLONE_NEWNS) == 0 &&
                            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                            ::mount("none", "/proc", "tmpfs", 0, nullptr) == 0;
        ::_exit(!hidden ? 2 : ask() ? 1 : 0);
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status) == 2 ? std::nullopt : std::optional(WEXITSTATUS(status) == 1);
}

} // namespace

BOOST_AUTO_TEST_SUITE(trust)

BOOST_AUTO_TEST_CASE(root_takes_only_what_root_alone_can_change) {
    BOOST_TEST(reason(0, {0, 0, S_IFREG | 0755}) == "trusted");
    BOOST_TEST(reason(0, {0, 0, S_IFREG | 0775}) == "trusted");
    BOOST_TEST(reason(0, {0, 100, S_IFREG | 0755}) == "trusted");
    BOOST_TEST(reason(0, {1000, 0, S_IFREG | 0755}) == "belongs to user 1000");
    BOOST_TEST(reason(0, {0, 100, S_IFREG | 0775}) == "may be written by group 100");
    BOOST_TEST(reason(0, {0, 0, S_IFREG | 0757}) == "may be written by everybody");
}

BOOST_AUTO_TEST_CASE(the_group_of_root_itself_is_no_exception_in_an_access_list) {
    const aio::testing::temporary_folder folder;
    const std::string file = folder.write("file", "");
    if (::geteuid() != 0 || !give(file, ACL_GROUP, 1234))
        return;
    BOOST_REQUIRE(::setegid(1234) == 0);
    const auto why = distrust(aio::base::descriptor(::open(file.c_str(), O_PATH | O_CLOEXEC)));
    BOOST_REQUIRE(::setegid(0) == 0);
    BOOST_TEST(why.value_or("trusted") == "may be written by group 1234 (an access list)");
}

BOOST_AUTO_TEST_CASE(devices_are_everybodys) {
    BOOST_TEST(reason(0, {0, 0, S_IFCHR | 0666}) == "trusted");
    BOOST_TEST(!distrust(fs::path("/dev/null")));
}

BOOST_AUTO_TEST_CASE(others_decide_for_themselves) {
    BOOST_TEST(reason(1000, {1001, 1001, S_IFREG | 0777}) == "trusted");
}

BOOST_AUTO_TEST_CASE(the_folder_counts_too) {
    if (::geteuid() != 0)
        return;
    const aio::testing::temporary_folder f;
    const fs::path file = f.write("a/x.so", "");
    BOOST_TEST(!distrust(file));
    fs::permissions(file.parent_path(), fs::perms::all);
    BOOST_TEST(
        distrust(file).value() == file.parent_path().string() + " may be written by everybody"
    );
    fs::permissions(file.parent_path(), fs::perms::all | fs::perms::sticky_bit);
    BOOST_TEST(!distrust(file));
}

BOOST_AUTO_TEST_CASE(every_folder_and_every_link_on_the_way_counts) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    const aio::testing::temporary_folder f;
    const fs::path file = f.write("a/b/c/x.so", "");
    const fs::path a = f.path() / "a";
    BOOST_TEST(!distrust(file));
    fs::permissions(a, fs::perms::all);
    BOOST_TEST(distrust(file).value() == a.string() + " may be written by everybody");
    fs::permissions(a, fs::perms::owner_all);

    fs::create_directory(f.path() / "open");
    fs::permissions(f.path() / "open", fs::perms::all);
    f.write("open/y.so", "");
    fs::create_symlink("../../../open/y.so", f.path() / "a/b/c/y.so");
    BOOST_TEST(
        distrust(f.path() / "a/b/c/y.so").value() ==
        (f.path() / "open").string() + " may be written by everybody"
    );

    // In a sticky folder only its owner can replace a link.
    fs::create_symlink(file, f.path() / "open/link");
    fs::permissions(f.path() / "open", fs::perms::all | fs::perms::sticky_bit);
    BOOST_TEST(!distrust(f.path() / "open/link"));
    BOOST_REQUIRE(::lchown((f.path() / "open/link").c_str(), 1, 1) == 0);
    BOOST_TEST(
        distrust(f.path() / "open/link").value() ==
        (f.path() / "open/link").string() + " belongs to user 1"
    );
}

BOOST_AUTO_TEST_CASE(an_access_list_lets_others_write_too) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    const aio::testing::temporary_folder f;
    const std::string file = f.write("a/x.conf", "");
    if (!give(file, ACL_USER, 0)) {
        BOOST_TEST_MESSAGE("skipped: this file system has no access lists");
        return;
    }
    BOOST_TEST(!distrust(fs::path(file)));
    BOOST_REQUIRE(give(file, ACL_USER, 1234));
    BOOST_TEST(
        distrust(fs::path(file)).value() == file + " may be written by user 1234 (an access list)"
    );
    fs::permissions(file, fs::perms::group_write, fs::perm_options::remove); // the mask
    BOOST_TEST(!distrust(fs::path(file)));
    BOOST_REQUIRE(give(f / "a", ACL_GROUP, 1234));
    BOOST_TEST(
        distrust(fs::path(file)).value() ==
        (f / "a") + " may be written by group 1234 (an access list)"
    );
}

BOOST_AUTO_TEST_CASE(an_access_list_counts_without_proc) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    const aio::testing::temporary_folder f;
    const std::string file = f.write("his/x.conf", "");
    const std::string listless = f.write("mine/x.conf", "");
    if (!give(f / "his", ACL_USER, 1234)) {
        BOOST_TEST_MESSAGE("skipped: this file system has no access lists");
        return;
    }
    const auto distrusted = without_proc([&] { return distrust(fs::path(file)).has_value(); });
    if (!distrusted) {
        BOOST_TEST_MESSAGE("skipped: needs mount namespaces");
        return;
    }
    BOOST_TEST(*distrusted);
    fs::permissions(f.path() / "mine", fs::perms::group_write, fs::perm_options::add);
    BOOST_TEST(!*without_proc([&] { return distrust(fs::path(listless)).has_value(); }));
    // Of a file that is only known by O_PATH, no list can be read: it may name anybody.
    fs::permissions(listless, fs::perms::group_write, fs::perm_options::add);
    BOOST_TEST(*without_proc([&] { return distrust(fs::path(listless)).has_value(); }));
    BOOST_TEST(!distrust(fs::path(listless)));
}

BOOST_AUTO_TEST_SUITE_END()
