#include <aio/net/tls_files.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

using aio::net::changed;
using aio::net::file_stamp;
using aio::net::file_stamps;
using aio::net::stamps_of;

namespace {

struct files {
    std::string at(const char* name) const { return folder / name; }

    aio::testing::temporary_folder folder;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_files, files)

BOOST_AUTO_TEST_CASE(what_makes_a_change_is_a_table) {
    file_stamp one;
    one.path = "/a";
    one.exists = true;
    one.device = 1;
    one.inode = 2;
    one.seconds = 3;
    one.nanoseconds = 4;
    one.size = 5;
    file_stamp two = one;
    two.path = "/b";
    const file_stamps before{one, two};
    BOOST_TEST(changed(before, before) == "");
    BOOST_TEST(changed({}, {}) == "");
    const auto with = [&](auto set) {
        file_stamps now = before;
        set(now[1]);
        return changed(before, now);
    };
    BOOST_TEST(with([](file_stamp& s) { s.exists = false; }) == "/b");
    BOOST_TEST(with([](file_stamp& s) { s.device = 9; }) == "/b");
    BOOST_TEST(with([](file_stamp& s) { s.inode = 9; }) == "/b");
    BOOST_TEST(with([](file_stamp& s) { s.seconds = 9; }) == "/b");
    BOOST_TEST(with([](file_stamp& s) { s.nanoseconds = 9; }) == "/b");
    BOOST_TEST(with([](file_stamp& s) { s.size = 9; }) == "/b");
    BOOST_TEST(changed(before, {one}) == "/b");
    BOOST_TEST(changed({one}, before) == "/b");
}

BOOST_AUTO_TEST_CASE(a_link_that_leads_elsewhere_is_a_change) {
    namespace fs = std::filesystem;
    fs::create_directories(folder / "1");
    fs::create_directories(folder / "2");
    folder.write("1/tls.crt", "same");
    folder.write("2/tls.crt", "same");
    fs::create_directory_symlink("1", at("data")); // as kubelet does
    fs::create_symlink("data/tls.crt", at("tls.crt"));
    const std::vector<std::string> watched{at("tls.crt"), ""};
    const file_stamps before = stamps_of(watched);
    BOOST_TEST(changed(before, stamps_of(watched)) == "");
    fs::create_directory_symlink("2", at("new"));
    fs::rename(at("new"), at("data"));
    BOOST_TEST(changed(before, stamps_of(watched)) == at("tls.crt"));
}

BOOST_AUTO_TEST_CASE(a_folder_changes_with_the_files_in_it) {
    std::filesystem::create_directories(folder / "trusted");
    folder.write("trusted/a", "1");
    const std::vector<std::string> watched{at("trusted")};
    const file_stamps before = stamps_of(watched);
    folder.write("trusted/a", "22");
    BOOST_TEST(changed(before, stamps_of(watched)) == at("trusted/a"));
    folder.write("trusted/b", "1");
    BOOST_TEST(changed(before, stamps_of(watched)) != "");
}

BOOST_AUTO_TEST_CASE(a_file_that_comes_or_goes_is_a_change) {
    const std::vector<std::string> watched{at("x.pem")};
    const file_stamps none = stamps_of(watched);
    folder.write("x.pem", "1");
    const file_stamps there = stamps_of(watched);
    BOOST_TEST(changed(none, there) == at("x.pem"));
    BOOST_TEST(changed(there, none) == at("x.pem"));
}

BOOST_AUTO_TEST_SUITE_END()
