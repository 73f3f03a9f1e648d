#include <aio/cli/module_skeleton.hpp>
#include <aio/module/path.hpp>

#include <algorithm>

namespace aio::cli {

namespace {

// In these texts @NAME@ is my.example, @WORD@ example, @PATH@ my/example, @ID@ my_example. @SAMPLE@
// is the name of the sample configuration: example.

constexpr std::string_view cmake_text = R"text(cmake_minimum_required(VERSION 3.25)

# The compiler aio was built with; CXX or -DCMAKE_CXX_COMPILER choose another of the same family.
if(NOT DEFINED CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
    set(CMAKE_CXX_COMPILER @COMPILER@)
endif()
project(@ID@ LANGUAGES CXX)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

# Found when aio is in PATH; otherwise -DCMAKE_PREFIX_PATH=<where aio is installed>.
find_package(aio REQUIRED)
include(CTest)

# Makes build/modules/@PATH@/@WORD@.so. AioModule.cmake explains all arguments.
aio_add_module(@NAME@ SOURCES @WORD@.cpp CONF aio.conf TESTS @WORD@_test.cpp)
)text";

constexpr std::string_view header_text = R"text(#pragma once

#include <aio/module.hpp>

#include <string>
#include <string_view>

/// What `tick` says. Plain code can be tested without an app.
std::string greeting(std::string_view name);

aio::task<void> tick(aio::scheduled_event event);
aio::task<void> echo(aio::stream stream);
void heard(aio::signal_event event);
)text";

constexpr std::string_view source_text = R"text(#include "@WORD@.hpp"

using namespace std::chrono_literals; // 5s, 100ms: options, sleeps and timeouts

std::string greeting(std::string_view name) { return "Hello, " + std::string(name) + "!"; }

// Called as [schedule/...] says. Emits a signal that [listen/...] can hear.
aio::task<void> tick(aio::scheduled_event event) {
    const std::string text = greeting(event.option<std::string>("name"));
    event.log().info("{}", text);
    co_await event.app().signals().emit("greeted", text);
}

// A protocol: one coroutine for each connection of [server/...].
aio::task<void> echo(aio::stream stream) {
    while (auto data = co_await stream.read()) // empty: the peer has ended
        co_await stream.write(data);
}

// A plain function may stand wherever a coroutine may.
void heard(aio::signal_event event) { event.log().info("heard {}", event.data<std::string>()); }

AIO_MODULE(@NAME@) {
    module.describe("Greets in turns, and echoes what it receives.");
    module.schedule("tick", tick)
        .option("name", "world", "the name to greet")
        .help("Logs a greeting");
    module.protocol("echo", echo).help("Sends back what it receives");
    module.listener("heard", heard).help("Logs the text that came with the signal");
}
)text";

constexpr std::string_view test_text = R"text(#include "@WORD@.hpp"

#include <aio/testing/captured_log.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/run_app.hpp>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(@ID@_tests)

// A test of plain code.
BOOST_AUTO_TEST_CASE(a_greeting_has_the_name) { BOOST_TEST(greeting("you") == "Hello, you!"); }

// A test that is a coroutine. It starts an app of its own from the text of a configuration.
AIO_TEST_CASE(the_schedule_greets) {
    aio::testing::captured_log log;
    const std::string config = "[schedule/x]\nevery = 1h\nfunc = @NAME@.tick\nname = you\n";
    const aio::testing::app_body body = [&log](aio::app::app&) -> aio::task<void> {
        co_await log.wait_for("Hello, you!");
    };
    co_await aio::testing::with_app(config, body, aio::testing::app_options{log});
}

BOOST_AUTO_TEST_SUITE_END()
)text";

constexpr std::string_view defaults_text =
    R"text(# The defaults of @NAME@. They are read when the module is listed in [aio] modules, and any
# configuration overrides them.
[@NAME@]
name = world
)text";

constexpr std::string_view sample_text = R"text(# Try it in this folder: aio -c @SAMPLE@.conf run

[aio]
modules = @NAME@
# A relative path starts at the folder in which aio is called, not at that of this file.
module_path = build/modules

[schedule/greeting]
every = 2s
func = @NAME@.tick
name = ${@NAME@:name}

# echo hello | nc -N 127.0.0.1 7777
[server/echo]
protocol = @NAME@.echo
address = 127.0.0.1
port = 7777

[listen/greeting]
greeted = @NAME@.heard
)text";

constexpr std::string_view readme_text = R"text(# @NAME@

A module for aio.

    cmake -S . -B build && cmake --build build
    aio -c @SAMPLE@.conf run
    aio -c @SAMPLE@.conf test @NAME@

`aio -c @SAMPLE@.conf module show @NAME@` lists what it offers; `cmake --install build --prefix <where aio
is installed>` puts it where every configuration finds it.
)text";

std::string filled(std::string_view text, std::string_view name, std::string_view compiler) {
    std::string path(name), id(name);
    std::ranges::replace(path, '.', '/');
    std::ranges::replace(id, '.', '_');
    const std::pair<std::string_view, std::string> words[] = {
        {"@NAME@", std::string(name)},
        {"@WORD@", std::string(module::last_word(name))},
        {"@PATH@", path},
        {"@ID@", id},
        {"@COMPILER@", std::string(compiler)},
        {"@SAMPLE@", std::string(module_sample(name))},
    };
    std::string all(text);
    for (const auto& [mark, value] : words)
        for (auto found = all.find(mark); found != std::string::npos; found = all.find(mark, found))
            all.replace(found, mark.size(), value);
    return all;
}

} // namespace

std::string_view module_sample(std::string_view name) noexcept {
    const std::string_view word = module::last_word(name);
    return word == "aio" ? "sample" : word; // aio.conf holds the defaults
}

std::vector<skeleton_file> module_skeleton(std::string_view name, std::string_view compiler) {
    const std::string word(module::last_word(name));
    std::vector<skeleton_file> files{
        {"CMakeLists.txt", std::string(cmake_text)},
        {word + ".hpp", std::string(header_text)},
        {word + ".cpp", std::string(source_text)},
        {word + "_test.cpp", std::string(test_text)},
        {"aio.conf", std::string(defaults_text)},
        {std::string(module_sample(name)) + ".conf", std::string(sample_text)},
        {"README.md", std::string(readme_text)},
        {".gitignore", "/build/\n"},
    };
    for (skeleton_file& file : files)
        file.text = filled(file.text, name, compiler);
    return files;
}

} // namespace aio::cli
