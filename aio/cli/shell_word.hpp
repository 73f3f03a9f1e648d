#pragma once

// A text as one word of a shell, for commands that a user copies.

#include <string>
#include <string_view>

namespace aio::cli {

/// The text as it is, in '…', or in $'…' (bash, ksh, zsh) with escapes when it holds characters
/// that cannot be seen. One that begins with '-' is no option: "./" stands before it.
std::string shell_word(std::string_view text);

} // namespace aio::cli
