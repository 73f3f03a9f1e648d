#include <aio/app/stack_text.hpp>

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace aio::app;

namespace {

frame made(std::string file, std::uintptr_t offset, std::string name = {}) {
    frame one;
    one.file = std::move(file);
    one.offset = offset;
    one.name = std::move(name);
    return one;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stack_text_)

BOOST_AUTO_TEST_CASE(frames_without_a_name_are_followed_by_how_to_find_it) {
    frame unknown;
    unknown.address = reinterpret_cast<const void*>(0x77);

    const struct {
        std::vector<frame> all;
        const char* text;
    } rows[] = {
        {{}, ""},
        {{made("/a.so", 0x10, "my::f()")}, "    my::f() (/a.so+0x10)\n"},
        {{unknown}, "    0x77\n"},
        {{made("/a.so", 0x10, "f()"), made("/b.so", 0x2a)},
         "    f() (/a.so+0x10)\n"
         "    /b.so+0x2a\n"
         "    names: addr2line -Cfpe /b.so 0x2a\n"},
        {{made("/b.so", 0x1), made("/c.so", 0x2), made("/b.so", 0x3), unknown},
         "    /b.so+0x1\n    /c.so+0x2\n    /b.so+0x3\n    0x77\n"
         "    names: addr2line -Cfpe /b.so 0x1 0x3\n"
         "    names: addr2line -Cfpe /c.so 0x2\n"},
    };

    for (const auto& row : rows)
        BOOST_TEST(stack_text(row.all) == row.text);
}

BOOST_AUTO_TEST_CASE(a_function_that_the_linker_knows_has_its_name) {
    const frame found = find_frame(reinterpret_cast<const void*>(&find_frame));
    BOOST_TEST(found.name.find("aio::app::find_frame(") == 0u, found.name);
    BOOST_TEST(found.file.find("libaioapp") != std::string::npos, found.file);
}

BOOST_AUTO_TEST_SUITE_END()
