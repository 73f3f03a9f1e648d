#include "support.hpp"

#include <aio/module/path.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using aio::module::path;

BOOST_AUTO_TEST_SUITE(module_path)

BOOST_AUTO_TEST_CASE(a_name_is_words_between_dots) {
    using aio::module::valid_name;
    for (auto good : {"a", "my.example", "_x.y_2", "linux.new.default_2"})
        BOOST_TEST(valid_name(good), good);
    for (auto bad : {"", ".", "a.", ".a", "a..b", "2a", "a.2", "a-b", "a/b", "..", "a b", "ä"})
        BOOST_TEST(!valid_name(bad), bad);
    BOOST_TEST(aio::module::last_word("my.example") == "example");
    BOOST_TEST(aio::module::last_word("example") == "example");
}

BOOST_AUTO_TEST_CASE(a_module_is_the_folder_of_its_name) {
    fixture::folder f;
    f.write("my/example/example.so", "");
    f.write("my/example/aio.conf", "");
    f.write("my/example/example.test.so", "");
    const auto found = path({f.path()}).find("my.example");
    BOOST_REQUIRE(found);
    BOOST_TEST(found->folder == f.path() / "my/example");
    BOOST_TEST(found->library == f.path() / "my/example/example.so");
    BOOST_TEST(found->defaults == f.path() / "my/example/aio.conf");
    BOOST_TEST(found->tests == f.path() / "my/example/example.test.so");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_empty) {
    fixture::folder f;
    f.write("a/a.so", "");
    f.write("b/aio.conf", "");
    f.write("c/c.test.so", "");
    const path where({f.path()});
    BOOST_TEST(where.find("a")->defaults.empty());
    BOOST_TEST(where.find("b")->library.empty());
    BOOST_TEST(!where.find("c"));
    BOOST_TEST(!where.find("d"));
}

BOOST_AUTO_TEST_CASE(what_is_there_is_found_whatever_it_is) {
    fixture::folder f;
    f.write("a/a.so/file", "");
    f.write("b/notes.txt", "");
    f.write("c/notes.txt", "");
    fixture::fs::create_symlink("nowhere", f.path() / "b/b.so");
    BOOST_REQUIRE(::mkfifo((f.path() / "c/c.so").c_str(), 0600) == 0);
    const path where({f.path()});
    for (const std::string name : {"a", "b", "c"})
        BOOST_TEST(where.find(name)->library == f.path() / name / (name + ".so"));
    BOOST_TEST(where.all().size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_first_folder_that_holds_it_wins) {
    fixture::folder a, b;
    a.write("x/aio.conf", "");
    b.write("x/x.so", "");
    b.write("y/y.so", "");
    const path where({a.path(), b.path()});
    BOOST_TEST(where.find("x")->folder == a.path() / "x");
    BOOST_TEST(where.find("y")->folder == b.path() / "y");
}

BOOST_AUTO_TEST_CASE(a_folder_that_may_not_be_searched_is_passed_over) {
    fixture::folder f;
    f.write("his/my/example/example.so", "");
    f.write("his/my/other/other.so", "");
    f.write("mine/my/example/example.so", "");
    f.write("mine/set/aio.conf", "");
    for (const char* closed : {"his", "his/my", "his/my/example"}) {
        const fixture::closed_folder his(f.path(), f.path() / closed);
        const path where({f.path() / "his", f.path() / "mine"});
        const auto found = where.find("my.example");
        BOOST_REQUIRE(found);
        BOOST_TEST(!found->hidden);
        BOOST_TEST(found->library == f.path() / "mine/my/example/example.so");
        BOOST_TEST(found->defaults.empty());
        BOOST_TEST(found->passed_over == f.path() / "his/my/example");
        BOOST_TEST(!where.find("set")->hidden);
        BOOST_TEST(where.find("set")->library.empty());
        const path turned({f.path() / "mine", f.path() / "his"});
        BOOST_TEST(turned.find("my.example")->passed_over.empty());
        const path alone({f.path() / "his"});
        BOOST_REQUIRE(alone.find("my.example"));
        BOOST_TEST(alone.find("my.example")->hidden);
        BOOST_TEST(alone.find("my.example")->library == f.path() / "his/my/example/example.so");
        for (const auto& each : where.all())
            BOOST_TEST((each.folder == f.path() / "mine/my/example" || each.name == "my.other"));
    }
}

BOOST_AUTO_TEST_CASE(no_name_leaves_the_module_path) {
    fixture::folder f;
    f.write("inside/inside.so", "");
    f.write("up/up.so", "");
    BOOST_TEST(!path({f.path() / "inside"}).find("../up"));
    BOOST_TEST(!path({f.path() / "inside"}).find("...up"));
    BOOST_TEST(!path({f.path()}).find("/etc"));
}

BOOST_AUTO_TEST_CASE(all_modules_are_listed_by_name_once) {
    fixture::folder a, b;
    a.write("my/two/two.so", "");
    a.write("my/my.so", "");
    a.write("my/notes/readme.txt", "");
    a.write("only_defaults/aio.conf", "");
    a.write("not-a-name/not-a-name.so", "");
    b.write("my/two/two.so", "");
    b.write("her/her.so", "");
    fixture::fs::create_directory_symlink(a.path(), a.path() / "my" / "loop");
    std::string names;
    for (const auto& one : path({a.path(), b.path(), "/does/not/exist"}).all())
        names += one.name + (one.folder.string().starts_with(a.path().string()) ? " a, " : " b, ");
    BOOST_TEST(names == "her b, my a, my.two a, ");
}

BOOST_AUTO_TEST_CASE(the_installed_modules_lie_beside_the_library) {
    const auto expected = fixture::fs::path(AIO_BINARY_DIR) / "lib" / "aio" / "modules";
    BOOST_TEST(aio::module::installed_modules() == fixture::fs::weakly_canonical(expected));
}

BOOST_AUTO_TEST_SUITE_END()
