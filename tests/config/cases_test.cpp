// Runs data/cases.jsonl: what configparser answers (source "python"), and what is ours ("design").
#include "ini_model.hpp"

#include <aio/config/edit.hpp>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <string>

namespace {

namespace json = boost::json;

json::object parsed(const std::string& text) {
    return json::parse(text).as_object();
}

json::object answer_of(const json::object& request) {
    // Integers beyond 64 bits come back as doubles: compared as such on both sides.
    return parsed(aio::tests::answer(request));
}

// What both sides can vouch for: a cycle is a depth error in Python, found later.
json::object comparable(const json::object& error, const json::object& like) {
    json::object out;
    for (const char* key :
         {"phase",
          "kind",
          "file",
          "line",
          "column",
          "section",
          "option",
          "at",
          "reference",
          "offset"})
        if (like.contains(key) && error.contains(key))
            out[key] = error.at(key);
    if (out["kind"] == "InterpolationCycleError" || out["kind"] == "InterpolationDepthError") {
        out["kind"] = "InterpolationDepthError";
        out.erase("at");
    }
    return out;
}

void check_errors(const json::array& want, const json::array& got) {
    BOOST_REQUIRE_EQUAL(want.size(), got.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
        const json::object& like = want[i].as_object();
        BOOST_TEST(comparable(like, like) == comparable(got[i].as_object(), like));
    }
}

void check_python(const json::object& given) {
    const json::object& want = given.at("expect").as_object();
    const json::object got = answer_of(given);
    for (const char* key : {"parsed", "ok", "sections", "order", "origins", "ops"})
        if (want.contains(key))
            BOOST_TEST(got.at(key) == want.at(key), key);
    BOOST_TEST(got.at("raw") == (want.contains("raw") ? want.at("raw") : want.at("sections")));
    check_errors(want.at("errors_all").as_array(), got.at("errors_all").as_array());
}

std::string asked(const json::object& error) {
    return std::string{error.at("section").as_string()} + ':' +
           std::string{error.at("option").as_string()};
}

void check_cycles(const json::object& given) {
    json::object got;
    const json::object all = answer_of({{"files", given.at("files")}});
    for (const json::value& error : all.at("errors_all").as_array())
        if (const json::value* chain = error.as_object().if_contains("chain"))
            got[asked(error.as_object())] = *chain;
    BOOST_TEST(got == given.at("expect").at("cycles").as_object());
}

void check_positions(const json::object& given) {
    json::object got;
    const json::object all = answer_of({{"files", given.at("files")}});
    for (const json::value& error : all.at("errors_all").as_array()) {
        const json::object& e = error.as_object();
        got[asked(e)] = json::array{e.at("file"), e.at("line"), e.at("column")};
    }
    BOOST_TEST(got == given.at("expect").at("positions").as_object());
}

void check_set(const json::object& given) {
    std::string text{given.at("files").at(0).as_string()};
    bool refused = false;
    for (const json::value& op : given.at("ops").as_array()) {
        const auto part = [&](std::size_t i) { return std::string{op.at(i).as_string()}; };
        const auto result = aio::config::set_option(text, part(1), part(2), part(3));
        refused = refused || !result.refused.empty();
        text = result.text;
    }
    BOOST_TEST(text == std::string(given.at("expect").at("after").as_string()));
    BOOST_TEST(refused == given.at("expect").as_object().contains("refused"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(cases)

BOOST_AUTO_TEST_CASE(every_case_of_the_dialect_holds) {
    const std::map<std::string, std::function<void(const json::object&)>> ours{
        {"cycle-named", check_cycles},
        {"reference-position", check_positions},
        {"set-layout", check_set},
        {"set-refused", check_set},
    };
    std::ifstream file{AIO_SOURCE_DIR "/tests/config/data/cases.jsonl"};
    std::size_t count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        const json::object one = parsed(line);
        BOOST_TEST_CONTEXT(one.at("id").as_string() << ": " << one.at("about").as_string()) {
            if (one.at("source") == "python")
                check_python(one);
            else
                ours.at(std::string{one.at("rule").as_string()})(one);
        }
    }
    BOOST_TEST(count == 413u);
}

BOOST_AUTO_TEST_SUITE_END()
