#include <aio/base/trust.hpp>
#include <aio/config/files.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <filesystem>

namespace config = aio::config;
namespace base = aio::base;
namespace fs = std::filesystem;

namespace {

// A folder that is the current one while the test runs.
struct folder : aio::testing::temporary_folder {
    folder() : before(fs::current_path()) { fs::current_path(path()); }

    ~folder() { fs::current_path(before); }

    fs::path before;
};

std::string names_of(const std::vector<config::layer>& layers) {
    std::string out;
    for (const config::layer& one : layers)
        out += one.source()->name + ' ';
    return out;
}

std::string read_names(const std::string& path, base::diagnostics& problems) {
    const std::vector<std::string> paths{path};
    return names_of(config::read_files(paths, problems));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(files, folder)

BOOST_AUTO_TEST_CASE(case_1_2_3_the_first_of_the_usual_places_is_found) {
    const bool machine = fs::exists("/etc/aio/aio.conf") || fs::exists("/etc/aio.conf");
    BOOST_TEST((machine || !config::find_usual_file()));
    write("etc", "a file");
    BOOST_TEST((machine || !config::find_usual_file()));
    fs::remove("etc");
    fs::create_symlink("gone", "etc");
    BOOST_TEST(config::find_usual_file().value() == "etc/aio.conf");
    fs::remove("etc");
    write("etc/aio.conf", "");
    BOOST_TEST(config::find_usual_file().value() == "etc/aio.conf");
    fs::create_symlink("gone", "aio.conf");
    BOOST_TEST(config::find_usual_file().value() == "aio.conf");
    fs::remove("aio.conf");
    write("aio.conf", "");
    BOOST_TEST(config::find_usual_file().value() == "aio.conf");
}

BOOST_AUTO_TEST_CASE(a_place_that_may_not_be_looked_at_is_passed_over) {
    write("his/aio.conf", "");
    write("mine/aio.conf", "");
    fs::create_directory("none");
    fs::permissions(path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    fs::permissions("his", fs::perms::none);
    const bool root = ::geteuid() == 0;
    BOOST_REQUIRE((!root || ::seteuid(65534) == 0));
    const auto found = [](std::vector<std::string_view> places) {
        base::diagnostics problems;
        const auto file = config::first_found(places, &problems);
        return file.value_or("nothing") + "\n" + base::render(problems);
    };
    const std::string passed = found({"his/aio.conf", "his/etc/aio.conf", "mine/aio.conf"});
    const std::string hidden_only = found({"his/aio.conf", "none/aio.conf"});
    const std::string absent = found({"none/aio.conf"});
    const std::string first = found({"mine/aio.conf", "his/aio.conf"});
    BOOST_REQUIRE((!root || ::seteuid(0) == 0));
    fs::permissions("his", fs::perms::owner_all);
    BOOST_TEST(
        passed == "mine/aio.conf\nwarning: cannot look for 'his/aio.conf' and 'his/etc/aio.conf': "
                  "Permission denied; 'mine/aio.conf' is read\n"
    );
    BOOST_TEST(hidden_only == "his/aio.conf\n");
    BOOST_TEST(absent == "nothing\n");
    BOOST_TEST(first == "mine/aio.conf\n");
}

BOOST_AUTO_TEST_CASE(includes_stand_right_above_the_file_that_names_them_sorted) {
    write("main.conf", "[aio]\ninclude = conf.d/*.conf\n  extra.conf\n");
    write("conf.d/b.conf", "");
    write("conf.d/a.conf", "[aio]\ninclude = deep/x.conf\n");
    write("conf.d/deep/x.conf", "");
    write("conf.d/.hidden.conf", "");
    write("extra.conf", "");
    base::diagnostics to;
    BOOST_TEST(
        read_names("main.conf", to) ==
        "main.conf conf.d/a.conf conf.d/deep/x.conf conf.d/b.conf extra.conf "
    );
    BOOST_TEST(base::render(to) == "");
}

BOOST_AUTO_TEST_CASE(a_pattern_that_others_would_read_as_several_is_warned_of) {
    write("one/a.conf", "");
    write("two words/b.conf", "");
    for (const std::string list :
         {"one/*.conf two/*.conf",
          "one/*.conf, two/*.conf",
          "one/*.conf  # all",
          "one/*.conf ; all",
          "one/*.conf:two/*.conf",
          "\"one/*.conf\""}) {
        write("main.conf", "[aio]\ninclude = " + list + "\n");
        base::diagnostics to;
        BOOST_TEST(read_names("main.conf", to) == "main.conf ");
        BOOST_TEST(base::render(to).starts_with("main.conf:2:11: warning: nothing is included: "));
    }
    for (const std::string list : {"one/*.txt", "two words/*.conf", "two words/*.txt"}) {
        write("main.conf", "[aio]\ninclude = " + list + "\n");
        base::diagnostics to;
        read_names("main.conf", to);
        BOOST_TEST(base::render(to) == "");
    }
}

BOOST_AUTO_TEST_CASE(a_literal_name_must_exist_a_pattern_need_not_match) {
    write("main.conf", "[aio]\ninclude =\n  none/*.conf\n  missing.conf\n");
    base::diagnostics to;
    BOOST_TEST(read_names("main.conf", to) == "main.conf ");
    BOOST_TEST(
        base::render(to) ==
        "main.conf:3:3: warning: nothing is included: there is no folder 'none'\n"
        "      none/*.conf\n"
        "      ^\n"
        "main.conf:4:3: error: cannot read 'missing.conf': No such file or directory\n"
        "      missing.conf\n"
        "      ^\n"
    );
}

BOOST_AUTO_TEST_CASE(a_cycle_of_includes_is_named) {
    write("a.conf", "[aio]\ninclude = b.conf\n");
    write("b.conf", "[aio]\ninclude = ./a.conf\n");
    base::diagnostics to;
    BOOST_TEST(read_names("a.conf", to) == "a.conf b.conf ");
    BOOST_TEST(
        base::render(to).find("b.conf:2:11: error: files include each other: a.conf -> b.conf -> "
        ) == 0u,
        base::render(to)
    );
}

BOOST_AUTO_TEST_CASE(case_37_a_missing_file_is_named) {
    base::diagnostics to;
    BOOST_TEST(read_names("nope.conf", to) == "");
    BOOST_TEST(base::render(to) == "error: cannot read 'nope.conf': No such file or directory\n");
    BOOST_TEST(!config::read_source("nope.conf", to));
    BOOST_TEST(read_names(".", to) == "");
}

BOOST_AUTO_TEST_CASE(as_root_a_file_that_others_may_write_is_refused) {
    if (::geteuid() != 0)
        return;
    write("a.conf", "");
    fs::permissions("a.conf", fs::perms::all);
    base::diagnostics to;
    BOOST_TEST(read_names("a.conf", to) == "");
    BOOST_TEST(
        base::render(to) == "error: cannot read 'a.conf': root does not act on a file that may be "
                            "written by everybody\n  " +
                                std::string(base::distrust_hint) + "\n"
    );
    base::diagnostics none;
    BOOST_TEST(read_names("/dev/null", none) == "/dev/null ");
}

BOOST_AUTO_TEST_CASE(a_file_for_a_value_is_text_of_a_limited_size) {
    std::string error;
    write("good", "text\n");
    BOOST_TEST(config::read_text("good", error).value() == "text\n");
    write("bad", "\xff");
    BOOST_TEST(!config::read_text("bad", error));
    BOOST_TEST(error == "it is not UTF-8");
    BOOST_TEST(!config::read_text("/dev/zero", error));
    BOOST_TEST(error == "it is neither a regular file nor a pipe");
    write("large", std::string((std::size_t{16} << 20) + 1, 'x'));
    BOOST_TEST(!config::read_text("large", error));
    BOOST_TEST(error == "it is larger than 16 MiB");
    write(
        "wide",
        std::string(
            "\xff\xfe"
            "a\0",
            4
        )
    );
    BOOST_TEST(!config::read_text("wide", error));
    BOOST_TEST(error == "it is UTF-16, not UTF-8");
    write("nul", std::string("a\0b", 3));
    BOOST_TEST(!config::read_text("nul", error));
    BOOST_TEST(error == "it holds a NUL");
    write("marked", "\xEF\xBB\xBFtext");
    BOOST_TEST(config::read_text("marked", error).value() == "text");
    BOOST_TEST(!config::read_text(std::string("good\0", 5), error));
}

BOOST_AUTO_TEST_CASE(as_root_a_file_for_a_value_is_held_to_the_same_rule) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    write("a", "text");
    fs::permissions("a", fs::perms::all);
    std::string error;
    BOOST_TEST(!config::read_text("a", error));
    BOOST_TEST(error == "root does not act on a file that may be written by everybody");
}

BOOST_AUTO_TEST_CASE(what_came_through_a_pipe_is_remembered) {
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    BOOST_REQUIRE(::write(ends[1], "once", 4) == 4);
    ::close(ends[1]);
    const config::text_reader read;
    const config::text_reader copy = read;
    const std::string path = "/dev/fd/" + std::to_string(ends[0]);
    std::string error;
    BOOST_TEST(read(path, error).value() == "once");
    BOOST_TEST(copy(path, error).value() == "once");
    ::close(ends[0]);
}

BOOST_AUTO_TEST_CASE(report_cfg_1_a_folder_that_cannot_be_looked_into_is_said_with_the_line) {
    write("main.conf", "[aio]\ninclude =\n  round/*.conf\n");
    fs::create_symlink("round", "round");
    base::diagnostics to;
    BOOST_TEST(read_names("main.conf", to) == "main.conf ");
    BOOST_TEST(
        base::render(to) ==
        "main.conf:3:3: error: cannot look into 'round': Too many levels of symbolic links\n"
        "      round/*.conf\n"
        "      ^\n"
    );
}

BOOST_AUTO_TEST_SUITE_END()
