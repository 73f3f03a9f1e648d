#pragma once

// The process that runs the tests of one module: `aio` itself, called with an internal word. A test
// library has its own main (aio/testing/main.hpp), so `aio` does not link Boost.Test.

#include <span>
#include <string>

namespace aio::cli {

inline constexpr const char* test_child_word = "--run-test-library";

bool is_test_child(std::span<const std::string> arguments) noexcept;

/// Loads the library, calls its main and returns the exit status. 250: the library could not be
/// loaded; the reason has been printed.
int test_child(std::span<const std::string> arguments);

} // namespace aio::cli
