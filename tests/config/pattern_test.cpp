#include <aio/config/pattern.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace config = aio::config;
namespace fs = std::filesystem;

namespace {

struct folder : aio::testing::temporary_folder {
    // What matches, without the folder; failures as "!path: reason".
    std::string found(const fs::path& below, std::string_view pattern) const {
        std::string out;
        const config::matches all = config::match_files(path() / below, pattern);
        for (const std::string& one : all.paths)
            out += fs::path{one}.lexically_relative(path()).string() + ' ';
        for (const auto& [where, why] : all.failures)
            out += '!' + fs::path{where}.lexically_relative(path()).string() + ": " + why + ' ';
        return out;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(pattern, folder)

BOOST_AUTO_TEST_CASE(a_name_is_a_pattern_when_something_in_it_can_match) {
    for (const char* name : {"*.conf", "a?", "[ab].conf", "x/[!a]*", "[]]", "a/*/b"})
        BOOST_TEST(config::is_pattern(name), name);
    for (const char* name : {"a.conf", "[a", "a]", "[]", "[a/b]", "back\\slash", ""})
        BOOST_TEST(!config::is_pattern(name), name);
}

BOOST_AUTO_TEST_CASE(report_cfg_1_the_folder_is_never_part_of_the_pattern) {
    for (const char* below : {"app [1]", "back\\slash", "a*b", "q?x", "[!z]", "{a,b}", "a\nb"}) {
        write(std::string(below) + "/conf.d/a.conf", "");
        BOOST_TEST(found(below, "conf.d/*.conf") == std::string(below) + "/conf.d/a.conf ");
    }
    write("app 1/conf.d/wrong.conf", "");
    write("aXb/conf.d/wrong.conf", "");
    BOOST_TEST(found("app [1]", "conf.d/*.conf") == "app [1]/conf.d/a.conf ");
    BOOST_TEST(found("a*b", "conf.d/*.conf") == "a*b/conf.d/a.conf ");
}

BOOST_AUTO_TEST_CASE(patterns_match_in_every_part_of_a_path) {
    for (const char* name :
         {"a/x.conf", "b/x.conf", "b/y.conf", "b/.hidden.conf", ".c/x.conf", "file"})
        write(name, "");
    BOOST_TEST(found("", "*/x.conf") == "a/x.conf b/x.conf ");
    BOOST_TEST(found("", "[ab]/*.conf") == "a/x.conf b/x.conf b/y.conf ");
    BOOST_TEST(found("", ".c/*") == ".c/x.conf ");
    BOOST_TEST(found("a", "../b/?.conf") == "a/../b/x.conf a/../b/y.conf ");
    BOOST_TEST(found("", (path() / "a/*.conf").string()) == "a/x.conf ");
}

BOOST_AUTO_TEST_CASE(two_stars_are_any_number_of_folders) {
    for (const char* name :
         {"c/x.conf", "c/a/y.conf", "c/a/b/z.conf", "c/a/b/note", "c/.hidden/h.conf", "d/a/y.conf"})
        write(name, "");
    fs::create_directory_symlink("../d", path() / "c/link");
    BOOST_TEST(found("", "c/**/*.conf") == "c/a/b/z.conf c/a/y.conf c/x.conf ");
    BOOST_TEST(found("", "c/**/**/*.conf") == "c/a/b/z.conf c/a/y.conf c/x.conf ");
    BOOST_TEST(found("", "c/**/b/*.conf") == "c/a/b/z.conf ");
    BOOST_TEST(found("", "**/y.conf") == "c/a/y.conf d/a/y.conf ");
    BOOST_TEST(found("", "c/**") == "c/a/b/note c/a/b/z.conf c/a/y.conf c/x.conf ");
    BOOST_TEST(found("", "none/**/*.conf") == "");
    BOOST_TEST(found("c", "a**/*.conf") == "c/a/y.conf "); // inside a name they are one star
}

BOOST_AUTO_TEST_CASE(nothing_is_found_in_silence_only_where_there_is_nothing) {
    write("empty/file", "");
    BOOST_TEST(found("", "none/*.conf") == "");
    BOOST_TEST(found("", "empty/*.conf") == "");
    BOOST_TEST(found("", "*/*.conf") == "");
    fs::create_symlink("round", path() / "round");
    BOOST_TEST(found("", "round/*.conf") == "!round: Too many levels of symbolic links ");
}

BOOST_AUTO_TEST_CASE(report_cfg_1_a_folder_that_cannot_be_one_is_no_absence) {
    write("file", "");
    BOOST_REQUIRE(::mkfifo((path() / "fifo").c_str(), 0600) == 0);
    fs::create_symlink("nowhere", path() / "dangling");
    for (const char* below : {"", "/deeper"}) {
        for (const std::string name : {"file", "fifo"}) {
            const std::string folder = name + below;
            BOOST_TEST(found("", folder + "/*.conf") == "!" + folder + ": Not a directory ");
        }
        const std::string folder = std::string("dangling") + below;
        BOOST_TEST(
            found("", folder + "/*.conf") == "!" + folder + ": a link in its path has no target "
        );
    }
    // Of what a pattern matched, files hold nothing, but a link was meant to lead somewhere.
    BOOST_TEST(found("", "f*/x.conf") == "");
    BOOST_TEST(found("", "d*/x.conf") == "!dangling/x.conf: a link in its path has no target ");
    BOOST_TEST(found("", "[f]ile/*.conf") == "");
}

BOOST_AUTO_TEST_CASE(a_pattern_without_a_match_may_be_the_name_of_a_file) {
    write("[1].conf", "");
    BOOST_TEST(found("", "[1].conf") == "[1].conf ");
    write("1.conf", "");
    BOOST_TEST(found("", "[1].conf") == "1.conf ");
}

BOOST_AUTO_TEST_CASE(a_link_that_leads_nowhere_is_found) {
    fs::create_symlink("gone", path() / "a.conf");
    BOOST_TEST(found("", "*.conf") == "a.conf ");
    BOOST_TEST(found("", "**") == "a.conf ");
}

BOOST_AUTO_TEST_SUITE_END()
