#pragma once

// A command line as a shell splits it, without a shell: blanks separate words, quotes and
// backslashes keep them together. Nothing is expanded.

#include <aio/base/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::process {

/// What is wrong, and at which byte of the text.
struct split_error {
    std::size_t offset = 0;
    std::string text;
};

struct words {
    std::vector<std::string> all;
    std::vector<std::size_t> offsets; ///< where each word begins in the text
    std::optional<split_error> error;
    /// The first unquoted character that only a shell would understand (| & ; < > ( ) ` * ?) and
    /// its place; 0: none.
    char shell_character = 0;
    std::size_t shell_offset = 0;
};

/// 'a b' is literal. In "a b" a backslash quotes \ " $ ` only; outside of quotes it quotes any
/// character. A newline is a blank; after a backslash it is nothing.
AIO_API words split_words(std::string_view text);

} // namespace aio::process
