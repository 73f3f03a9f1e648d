#include <aio/app/stack_text.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
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

BOOST_AUTO_TEST_CASE(an_address_of_the_program_itself_names_its_file) {
    const frame found = find_frame(reinterpret_cast<const void*>(&made));
    BOOST_TEST(found.file.find("test_app") != std::string::npos, found.file);
    BOOST_TEST(found.offset != 0u);
    BOOST_TEST(find_frame(reinterpret_cast<const void*>(0x77)).file == "");
}

// dladdr() would wait for the library.
BOOST_AUTO_TEST_CASE(names_are_found_while_the_constructor_of_a_library_blocks) {
    const aio::testing::temporary_folder folder;
    const std::string door = folder / "door";
    BOOST_REQUIRE(::mkfifo(door.c_str(), 0600) == 0);
    ::setenv("AIO_TEST_DOOR", door.c_str(), 1);
    std::thread loader([] { ::dlopen(AIO_WAITS_WHEN_LOADED, RTLD_NOW); });
    const int writer = ::open(door.c_str(), O_WRONLY | O_CLOEXEC); // waits for the constructor
    std::promise<std::string> name;
    std::future<std::string> known = name.get_future();
    std::thread finder([&] {
        name.set_value(find_frame(reinterpret_cast<const void*>(&find_frame)).name);
    });
    const bool in_time = known.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    ::close(writer);
    loader.join();
    finder.join();
    ::unsetenv("AIO_TEST_DOOR");
    BOOST_TEST(in_time);
    BOOST_TEST(known.get().find("aio::app::find_frame(") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
