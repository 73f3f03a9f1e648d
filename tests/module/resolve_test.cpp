#include "fixtures/builder.hpp"
#include "support.hpp"

#include <aio/module/resolve.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <utility>

using namespace aio::module;
using fixture::holds;

namespace {

void set_up_my(aio::module_builder& module) {
    module.offer("schedule", "example.extra");
}

const entry my_entry{sizeof(entry), "my", set_up_my};
const builtin linked[] = {{&my_entry, {}}};

struct fixtures {
    loader from{path({fixture::modules}), linked};
    registry items;
    int setups = 0;
    resolver names{from, items, [this](const entry& found, registry& into) {
                       ++setups;
                       registrar to(into, found.name);
                       aio::module_builder builder(to);
                       found.setup(builder);
                   }};

    std::string find(std::string_view name, std::string_view kind = "schedule") {
        aio::base::diagnostics problems;
        const item* found = names.find(name, kind, {}, problems);
        BOOST_TEST((found != nullptr) == problems.empty());
        return found ? found->kind + ' ' + found->name : fixture::first(problems);
    }

    /// What is said when the name is used once more.
    std::string find_again(std::string_view name) {
        aio::base::diagnostics problems;
        BOOST_TEST(!names.find(name, "schedule", {}, problems));
        return problems.empty() ? std::string{} : fixture::first(problems);
    }

    aio::base::diagnostics unread;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(module_resolve, fixtures)

BOOST_AUTO_TEST_CASE(a_name_loads_its_module_once) {
    BOOST_TEST(find("my.example.tick") == "schedule my.example.tick");
    BOOST_TEST(find("my.example.tock") == "schedule my.example.tock");
    BOOST_TEST(setups == 1);
}

BOOST_AUTO_TEST_CASE(the_longest_module_comes_first_then_shorter_ones) {
    BOOST_TEST(find("my.example.sub.echo", "protocol") == "protocol my.example.sub.echo");
    BOOST_TEST(find("my.example.extra") == "schedule my.example.extra");
}

BOOST_AUTO_TEST_CASE(a_module_in_a_hidden_folder_comes_last) {
    const aio::testing::temporary_folder f;
    f.write("his/file", "");
    from = loader(path({f.path() / "his"}), linked);
    const fixture::closed_folder his(f.path(), f.path() / "his");
    BOOST_TEST(find("my.example.extra") == "schedule my.example.extra");
    const std::string said = find("my.example.none");
    BOOST_TEST((holds(said, "my/example/example.so") && holds(said, "Permission denied")), said);
    BOOST_TEST(find_again("my.example.none") == "");
}

BOOST_AUTO_TEST_CASE(a_misspelt_name_gets_its_hint_although_a_folder_is_hidden) {
    const aio::testing::temporary_folder f;
    f.write("his/file", "");
    from = loader(path({f.path() / "his", fixture::modules}), {});
    const fixture::closed_folder his(f.path(), f.path() / "his");
    const std::string file = (f.path() / "his/my/exampel/exampel.so").string();
    const std::string said = find("my.exampel.tick");
    BOOST_TEST(
        said.starts_with(
            "unknown module 'my.exampel': cannot look for " + file +
            ": Permission denied | did you mean 'my.example'? (searched in "
        ),
        said
    );
    aio::base::diagnostics problems;
    BOOST_TEST(!names.find("my.example.tik", "schedule", {}, problems));
    BOOST_TEST(problems.errors() == 1u); // and the warning that the folder was passed over
    BOOST_TEST(
        aio::base::render(problems).ends_with("error: module 'my.example' has no 'tik'\n  did you "
                                              "mean 'my.example.tick'?\n"),
        aio::base::render(problems)
    );
}

BOOST_AUTO_TEST_CASE(a_similar_name_of_a_shorter_module_is_nearer_than_a_hidden_folder) {
    const aio::testing::temporary_folder f;
    f.write("his/file", "");
    from = loader(path({f.path() / "his"}), linked);
    const fixture::closed_folder his(f.path(), f.path() / "his");
    BOOST_TEST(
        find("my.exampel.extra") ==
        "module 'my' has no 'exampel.extra' | did you mean 'my.example.extra'?"
    );
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_opened_during_the_search_is_searched) {
    const aio::testing::temporary_folder f;
    for (const char* file : {"example.so", "aio.conf"})
        f.write(
            std::string("his/my/example/") + file,
            fixture::read(fixture::modules / "my/example" / file)
        );
    const auto found = [&](std::string_view name) {
        std::optional<fixture::closed_folder> his(std::in_place, f.path(), f.path() / "his");
        const loader opened(path({f.path() / "his"}), linked);
        registry fresh;
        resolver searching(opened, fresh, [&](const entry& of, registry& into) {
            his.reset(); // called for 'my', before 'my.example' is tried once more
            registrar to(into, of.name);
            aio::module_builder builder(to);
            of.setup(builder);
        });
        aio::base::diagnostics problems;
        const item* item = searching.find(name, "schedule", {}, problems);
        BOOST_TEST((item != nullptr) == problems.empty());
        return item ? item->kind + ' ' + item->name : fixture::first(problems);
    };
    BOOST_TEST(found("my.example.tick") == "schedule my.example.tick");
    BOOST_TEST(found("my.example.print") == "'my.example.print' is a listener, not a schedule | ");
    BOOST_TEST(found("my.example.none").starts_with("module 'my.example' has no 'none' | "));
}

BOOST_AUTO_TEST_CASE(any_of_several_kinds) {
    aio::base::diagnostics problems;
    const std::string_view kinds[] = {"schedule", "listener"};
    BOOST_TEST(names.find("my.example.print", kinds, {}, problems)->kind == "listener");
    BOOST_TEST(!names.find("my.example.sub.echo", kinds, {}, problems));
    BOOST_TEST(holds(fixture::first(problems), "is a protocol, not a schedule or a listener"));
}

BOOST_AUTO_TEST_CASE(the_wrong_kind_names_both) {
    BOOST_TEST(find("my.example.print") == "'my.example.print' is a listener, not a schedule | ");
}

BOOST_AUTO_TEST_CASE(an_unknown_function_gets_the_nearest) {
    BOOST_TEST(
        find("my.example.tik") ==
        "module 'my.example' has no 'tik' | did you mean 'my.example.tick'?"
    );
    BOOST_TEST(
        find("my.example.completely_else") ==
        "module 'my.example' has no 'completely_else' | there is my.example.extra, "
        "my.example.tick, my.example.tock"
    );
    BOOST_TEST(
        find("my.example.tik", "listener") ==
        "module 'my.example' has no 'tik' | there is my.example.print"
    );
}

BOOST_AUTO_TEST_CASE(an_unknown_module_gets_the_nearest) {
    BOOST_TEST(
        find("your.exmaple.tick") ==
        "unknown module 'your.exmaple' in 'your.exmaple.tick' | searched in " +
            fixture::modules.string()
    );
    loader alone(path({fixture::modules}), {});
    resolver other(alone, items, {});
    aio::base::diagnostics problems;
    other.find("my.exmaple.tick", "schedule", {}, problems);
    BOOST_TEST(
        fixture::first(problems) ==
        "unknown module 'my.exmaple' in 'my.exmaple.tick' | did you mean 'my.example'? (searched "
        "in " +
            fixture::modules.string() + ")"
    );
}

BOOST_AUTO_TEST_CASE(a_name_without_module_is_explained) {
    BOOST_TEST(
        find("tick") == "'tick' is not the dotted name of a schedule | write it with its "
                        "module: my.module.name"
    );
    find("my.example.tick");
    BOOST_TEST(
        find("tick") == "'tick' is not the dotted name of a schedule | there is my.example.tick"
    );
    for (auto bad : {"", ".", "a b.c", "my..tick", "../x.y"})
        BOOST_TEST(holds(find(bad), "is not the dotted name"), bad);
}

BOOST_AUTO_TEST_CASE(why_a_module_cannot_be_loaded_is_said_at_the_first_place_only) {
    const auto text = find("my.other_abi.tick");
    BOOST_TEST(holds(text, "was built for another aio"));
    BOOST_TEST(find_again("my.other_abi.tock") == "");
    BOOST_TEST(holds(find("nowhere.tick"), "unknown module 'nowhere' in 'nowhere.tick'"));
    BOOST_TEST(find_again("nowhere.tock") == "");
    BOOST_TEST(holds(find("my.twice.tick"), "failed to set up"));
    BOOST_TEST(find_again("my.twice.tock") == "");
}

BOOST_AUTO_TEST_CASE(an_unknown_module_is_searched_for_once) {
    const aio::testing::temporary_folder folder;
    folder.write("your/example/example.so", "");
    loader alone(path({folder.path()}), {});
    resolver other(alone, items, {});
    BOOST_TEST(!other.look("your.exmaple.tick", "schedule"));
    folder.write("your/exmapl/exmapl.so", ""); // nearer
    aio::base::diagnostics problems;
    other.find("your.exmaple.tock", "schedule", {}, problems);
    BOOST_TEST(
        fixture::first(problems) ==
        "unknown module 'your.exmaple' in 'your.exmaple.tock' | did you mean 'your.example'? "
        "(searched in " +
            folder.path().string() + ")"
    );
}

BOOST_AUTO_TEST_CASE(a_look_is_no_report_and_takes_none_away) {
    BOOST_TEST(!names.look("my.other_abi.tick", "schedule"));
    BOOST_TEST(!names.look("nowhere.tick", "schedule"));
    BOOST_TEST(!names.look("my.example.print", "schedule"));
    BOOST_TEST(names.look("my.example.tick", "schedule"));
    BOOST_TEST(holds(find("my.other_abi.tick"), "was built for another aio"));
    BOOST_TEST(holds(find("nowhere.tick"), "unknown module 'nowhere'"));
}

BOOST_AUTO_TEST_CASE(what_a_module_says_of_itself_helps_when_it_has_no_name_to_offer) {
    names.find("my.example.tick", "schedule", {}, unread);
    items.describe("my.example", "Example has moved");
    BOOST_TEST(
        find("my.example.tik") ==
        "module 'my.example' has no 'tik' | did you mean 'my.example.tick'?"
    );
    BOOST_TEST(
        find("my.example.tik", "nothing") == "module 'my.example' has no 'tik' | Example has moved"
    );
}

BOOST_AUTO_TEST_CASE(a_setup_that_throws_is_a_message) {
    BOOST_TEST(holds(
        find("my.twice.tick"),
        "module 'my.twice' failed to set up: module my.twice "
        "registers 'my.twice.tick' as a listener"
    ));
}

BOOST_AUTO_TEST_CASE(messages_stand_where_the_name_was_written) {
    aio::base::location at;
    at.line = 7;
    aio::base::diagnostics problems;
    names.find("my.example.tik", "schedule", at, problems);
    names.load("nowhere", at, problems);
    for (const auto& one : problems)
        BOOST_TEST(one.where.line == 7u);
}

BOOST_AUTO_TEST_SUITE_END()
