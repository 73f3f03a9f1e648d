#include <aio/base/trust.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

using namespace aio::base;

namespace {

namespace fs = std::filesystem;

std::string reason(uid_t user, ownership of) {
    return distrust(user, of).value_or("trusted");
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
    const auto give = [&](const std::string& path, std::uint16_t tag, std::uint32_t id) {
        constexpr std::uint32_t none = 0xFFFFFFFF;
        posix_acl_xattr_entry entries[] = {
            {ACL_USER_OBJ, 7, none},
            {ACL_GROUP_OBJ, 5, none},
            {tag, 7, id},
            {ACL_MASK, 7, none},
            {ACL_OTHER, 5, none},
        };
        if (tag == ACL_USER) // the system wants them in this order
            std::swap(entries[1], entries[2]);
        std::string list(sizeof(posix_acl_xattr_header) + sizeof entries, '\0');
        const posix_acl_xattr_header header{POSIX_ACL_XATTR_VERSION};
        std::memcpy(list.data(), &header, sizeof header);
        std::memcpy(list.data() + sizeof header, entries, sizeof entries);
        return ::setxattr(path.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) ==
               0;
    };
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

BOOST_AUTO_TEST_SUITE_END()
