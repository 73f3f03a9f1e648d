#include "fixtures/builder.hpp"
#include "support.hpp"

#include <aio/module/library.hpp>
#include <aio/module/loader.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

using namespace aio::module;
using fixture::holds;

namespace {

const entry linked_entry{sizeof(entry), "linked.one", [](aio::module_builder&) {}};
const builtin linked[] = {{&linked_entry, "[linked]\na = 1\n"}};

loader standard() {
    return loader(path({fixture::modules}), linked);
}

std::string refusal_of(const loader& from, std::string_view name) {
    aio::base::diagnostics problems;
    BOOST_TEST(!from.load(name, {}, problems));
    BOOST_TEST(problems.errors() == 1u);
    return fixture::first(problems);
}

std::optional<aio::base::source> defaults_of(std::string_view name) {
    aio::base::diagnostics problems;
    auto found = standard().defaults(name, problems);
    BOOST_TEST(problems.empty(), fixture::first(problems));
    return found;
}

/// The path of a copy of the good module with other content.
loader with_library(const fixture::folder& f, std::string_view content) {
    f.write("my/example/example.so", content);
    return loader(path({f.path()}), {});
}

} // namespace

BOOST_AUTO_TEST_SUITE(module_loader)

BOOST_AUTO_TEST_CASE(a_module_is_loaded_from_its_file) {
    aio::base::diagnostics problems;
    const entry* found = standard().load("my.example", {}, problems);
    BOOST_TEST(problems.empty(), fixture::first(problems));
    BOOST_REQUIRE(found);
    BOOST_TEST(found->name == std::string("my.example"));
    registry all;
    registrar to(all, found->name);
    aio::module_builder builder(to);
    found->setup(builder);
    BOOST_TEST(all.find("my.example.tick"));
    BOOST_TEST(standard().load("my.example", {}, problems) == found);
}

BOOST_AUTO_TEST_CASE(a_linked_module_comes_through_the_same_door) {
    aio::base::diagnostics problems;
    BOOST_TEST(standard().load("linked.one", {}, problems) == &linked_entry);
    BOOST_TEST(standard().knows("linked.one"));
    BOOST_TEST(defaults_of("linked.one")->text == "[linked]\na = 1\n");
    BOOST_TEST(defaults_of("linked.one")->name == "linked.one/aio.conf");
}

BOOST_AUTO_TEST_CASE(case_06_defaults_are_those_of_the_module_if_it_has_any) {
    BOOST_TEST(defaults_of("my.example")->text == "[my/example]\ncolour = blue\n");
    BOOST_TEST(holds(defaults_of("my.example")->name, "my/example/aio.conf"));
    BOOST_TEST(!defaults_of("my.no_module"));
    BOOST_TEST(!defaults_of("my.unheard"));
}

BOOST_AUTO_TEST_CASE(case_40_an_unknown_module_is_named_with_its_nearest) {
    BOOST_TEST(
        refusal_of(standard(), "my.exmaple") ==
        "unknown module 'my.exmaple' | did you mean 'my.example'? (searched in " +
            fixture::modules.string() + ")"
    );
    const auto far = refusal_of(loader(path({"/some/where"}), {}), "my.example");
    BOOST_TEST(far == "unknown module 'my.example' | searched in /some/where (no such folder)");
    const auto relative = refusal_of(loader(path({"no/such"}), {}), "my.example");
    const std::string whole = (fixture::fs::current_path() / "no/such").string();
    BOOST_TEST(
        relative == "unknown module 'my.example' | searched in " + whole + " (no such folder)"
    );
}

BOOST_AUTO_TEST_CASE(a_hidden_folder_is_warned_of_when_a_later_one_has_the_module) {
    fixture::folder f;
    f.write("his/my/example/example.so", "");
    f.write("mine/my/example/example.so", "no library");
    const fixture::closed_folder his(f.path(), f.path() / "his");
    const loader both(path({f.path() / "his", f.path() / "mine"}), linked);
    BOOST_TEST((both.presence_of("my.example") == aio::config::presence::there));
    aio::base::diagnostics problems;
    BOOST_TEST(!both.load("my.example", {}, problems));
    BOOST_TEST(problems.errors() == 1u);
    BOOST_TEST(
        fixture::first(problems) ==
        "module 'my.example': cannot look into '" + (f.path() / "his/my/example").string() +
            "': Permission denied; " + (f.path() / "mine/my/example/example.so").string() +
            " is used | "
    );
    BOOST_TEST((both.presence_of("my.other") == aio::config::presence::hidden));
    BOOST_TEST((both.presence_of("linked.one") == aio::config::presence::there));
    const loader alone(path({f.path() / "his"}), linked);
    BOOST_TEST(holds(refusal_of(alone, "my.example"), "Permission denied"));
    BOOST_TEST(
        alone.names() == std::vector<std::string>{"linked.one"}, boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_CASE(a_linked_module_takes_nothing_from_a_hidden_place) {
    fixture::folder f;
    f.write("his/linked/one/one.so", "");
    f.write("mine/linked/one/aio.conf", "");
    f.write("mine/linked/one/one.so", "");
    f.write("mine/linked/one/one.test.so", "");
    const fixture::closed_folder his(f.path(), f.path() / "his");
    BOOST_TEST(!loader(path({f.path() / "his"}), linked).files_of("linked.one"));
    BOOST_TEST(loader(path({f.path() / "his"}), {}).files_of("linked.one")->hidden);
    const auto files =
        loader(path({f.path() / "his", f.path() / "mine"}), linked).files_of("linked.one");
    BOOST_REQUIRE(files);
    BOOST_TEST(!files->hidden);
    BOOST_TEST(files->library.empty());
    BOOST_TEST(files->defaults.empty());
    BOOST_TEST(files->tests == f.path() / "mine/linked/one/one.test.so");
}

BOOST_AUTO_TEST_CASE(a_folder_without_a_library_is_named) {
    fixture::folder f;
    f.write("my/example/aio.conf", "");
    const auto text = refusal_of(loader(path({f.path()}), {}), "my.example");
    BOOST_TEST(
        holds(text, "module 'my.example' has no library | no example.so in " + f.path().string())
    );
}

BOOST_AUTO_TEST_CASE(what_stands_in_place_of_a_library_or_of_defaults_is_said) {
    fixture::folder f;
    f.write("my/example/example.so/file", "");
    f.write("my/example/aio.conf/file", "");
    f.write("my/other/aio.conf", "");
    fixture::fs::create_symlink("nowhere", f.path() / "my/other/other.so");
    const loader here(path({f.path()}), {});
    const std::string file = (f.path() / "my/example/example.so").string();
    BOOST_TEST(
        holds(refusal_of(here, "my.example"), file + " is not a regular file"),
        refusal_of(here, "my.example")
    );
    BOOST_TEST(
        holds(refusal_of(here, "my.other"), "other.so is not readable: No such file or directory")
    );
    aio::base::diagnostics problems;
    BOOST_TEST(!here.defaults("my.example", problems));
    BOOST_TEST(holds(fixture::first(problems), "aio.conf': Is a directory"));
}

BOOST_AUTO_TEST_CASE(another_version_is_refused_before_its_code_runs) {
    BOOST_TEST(
        holds(refusal_of(standard(), "my.other_abi"), "other_abi.so was built for another aio")
    );
    BOOST_TEST(!std::getenv("AIO_TEST_OTHER_ABI_RAN"));
}

BOOST_AUTO_TEST_CASE(a_missing_symbol_is_named_as_it_is_written) {
    const auto text = refusal_of(standard(), "my.unlinked");
    BOOST_TEST(holds(text, "unlinked.so cannot be loaded: undefined symbol: far_away::helper(int)")
    );
    BOOST_TEST(holds(text, "LINKS"));
}

BOOST_AUTO_TEST_CASE(a_file_in_the_wrong_folder_is_refused) {
    BOOST_TEST(holds(
        refusal_of(standard(), "my.stranger"), "defines no module 'my.stranger', but 'your.own'"
    ));
}

BOOST_AUTO_TEST_CASE(a_library_that_is_no_module_is_refused) {
    BOOST_TEST(holds(refusal_of(standard(), "my.no_module"), "no_module.so is no aio module"));
}

BOOST_AUTO_TEST_CASE(a_truncated_file_is_a_message_and_no_signal) {
    const auto whole = fixture::read(fixture::modules / "my/example/example.so");
    for (std::size_t part = 1; part < 32; ++part) {
        fixture::folder f;
        const loader from =
            with_library(f, std::string_view(whole).substr(0, whole.size() * part / 32));
        BOOST_TEST(holds(refusal_of(from, "my.example"), "example.so is "));
    }
}

BOOST_AUTO_TEST_CASE(as_root_a_module_that_others_may_write_is_refused) {
    if (::geteuid() != 0)
        return;
    fixture::folder f;
    const loader from = with_library(f, fixture::read(fixture::modules / "my/example/example.so"));
    const auto file = f.path() / "my/example/example.so";
    fixture::fs::permissions(file, fixture::fs::perms::all);
    BOOST_TEST(holds(
        refusal_of(from, "my.example"),
        "is not loaded as root: " + file.string() + " may be written by everybody"
    ));
    fixture::fs::permissions(file, fixture::fs::perms::owner_all);
    BOOST_REQUIRE(::chown(file.c_str(), 1, 1) == 0);
    BOOST_TEST(holds(refusal_of(from, "my.example"), "belongs to user 1"));
}

BOOST_AUTO_TEST_CASE(as_root_every_folder_above_a_module_counts_and_every_link_on_the_way) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    const std::string content = fixture::read(fixture::modules / "my/example/example.so");
    fixture::folder f;
    const loader from = with_library(f, content);
    BOOST_REQUIRE(::chown((f.path() / "my").c_str(), 1, 1) == 0);
    BOOST_TEST(holds(refusal_of(from, "my.example"), (f.path() / "my").string() + " belongs to"));

    fixture::folder other;
    other.write("open/example.so", content);
    fixture::fs::permissions(other.path() / "open", fixture::fs::perms::all);
    fixture::fs::create_directories(other.path() / "my/example");
    fixture::fs::create_symlink("../../open/example.so", other.path() / "my/example/example.so");
    BOOST_TEST(holds(
        refusal_of(loader(path({other.path()}), {}), "my.example"),
        (other.path() / "open").string() + " may be written by everybody"
    ));
}

BOOST_AUTO_TEST_CASE(as_root_the_defaults_of_a_module_are_held_to_the_same_rule) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    const auto said = [](const fixture::folder& f) {
        aio::base::diagnostics problems;
        BOOST_TEST(!loader(path({f.path()}), {}).defaults("my.example", problems));
        return fixture::first(problems);
    };
    fixture::folder f;
    f.write("my/example/aio.conf", "[process/x]\ncommand = true\n");
    const auto file = f.path() / "my/example/aio.conf";
    BOOST_REQUIRE(::chown(file.c_str(), 1, 1) == 0);
    BOOST_TEST(holds(said(f), file.string() + " belongs to user 1"));
    BOOST_REQUIRE(::chown(file.c_str(), 0, 0) == 0);
    fixture::fs::permissions(file, fixture::fs::perms::all);
    BOOST_TEST(holds(said(f), "may be written by everybody"));
    fixture::fs::permissions(file, fixture::fs::perms::owner_read);
    fixture::fs::permissions(f.path() / "my", fixture::fs::perms::all);
    BOOST_TEST(holds(said(f), (f.path() / "my").string() + " may be written by everybody"));
}

BOOST_AUTO_TEST_CASE(a_library_that_is_replaced_between_check_and_load_is_not_used) {
    fixture::folder f;
    const std::string content = fixture::read(fixture::modules / "my/example/example.so");
    f.write("my/example/example.so", content);
    const library_file opened(f.path() / "my/example/example.so");
    fixture::fs::remove(f.path() / "my/example/example.so");
    f.write("my/example/example.so", content);
    std::string why;
    BOOST_TEST(!opened.load(why));
    BOOST_TEST(why == "it was replaced while it was loaded");
}

BOOST_AUTO_TEST_CASE(names_lists_what_is_linked_and_what_is_found) {
    const auto names = standard().names();
    for (auto wanted : {"linked.one", "my.example", "my.stranger"})
        BOOST_TEST((std::ranges::find(names, wanted) != names.end()), wanted);
}

BOOST_AUTO_TEST_SUITE_END()
