#include <aio/base/trust.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

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

BOOST_AUTO_TEST_SUITE_END()
