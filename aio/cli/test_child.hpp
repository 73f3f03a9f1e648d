#pragma once

// The process that runs the tests of one module: `aio` itself, called with an internal word. A test
// library has its own main (aio/testing/main.hpp), so `aio` does not link Boost.Test.

#include <span>
#include <string>

namespace aio::cli {

inline constexpr const char* test_child_word = "--run-test-library";

bool is_test_child(std::span<const std::string> arguments) noexcept;

/// The exit status when the pipe cannot be written.
inline constexpr int not_reported = 251;

/// The arguments are the word, the process that waits for the tests, the descriptor of its pipe,
/// the library and the module, then those of the tests. Loads the library, calls its main, writes
/// one byte into the pipe and returns the exit status. 250: the library could not be loaded, and
/// the reason has been printed; or nobody waits any more.
int test_child(std::span<const std::string> arguments);

} // namespace aio::cli
