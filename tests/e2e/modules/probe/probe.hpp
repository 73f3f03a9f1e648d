#pragma once

// The module `probe` shows from inside what the end-to-end tests look at from outside: every
// function prints one line about what it was given and what happens to it.

#include <aio/module.hpp>

#include <cstdio>
#include <string_view>

namespace probe {

/// One line on standard output, there at once: the tests wait for it.
template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
    fmt::print("{}\n", fmt::format(format, std::forward<Args>(args)...));
    std::fflush(stdout);
}

/// Calls itself until the stack of the thread is full.
void overflow_stack();

void add_beans(aio::module_builder& to);
void add_clients(aio::module_builder& to);
void add_commands(aio::module_builder& to);
void add_ends(aio::module_builder& to);
void add_exits(aio::module_builder& to);
void add_listeners(aio::module_builder& to);
void add_mistakes(aio::module_builder& to);
void add_schedules(aio::module_builder& to);
void add_servers(aio::module_builder& to);
void add_services(aio::module_builder& to);
void add_simulated(aio::module_builder& to);
void add_troubles(aio::module_builder& to);
void add_wired(aio::module_builder& to);

} // namespace probe
