#pragma once

// The process that runs one module's tests: `aio` itself, called again with a word no user types.
// A test library brings its own main (aio/testing/main.hpp), so that `aio` never links Boost.Test.

#include <span>
#include <string>

namespace aio::cli {

inline constexpr const char* test_child_word = "--run-test-library";

bool is_test_child(std::span<const std::string> arguments) noexcept;

/// Loads the library and calls its main. 250: it could not be loaded, which was said.
int test_child(std::span<const std::string> arguments);

} // namespace aio::cli
