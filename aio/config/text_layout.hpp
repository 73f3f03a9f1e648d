#pragma once

// A text as a list of lines, divided by headers into blocks. The editor works on it.

#include <aio/config/lines.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace aio::config {

/// The lines below one header.
struct text_block {
    std::string_view section;
    std::size_t header = 0; ///< in `lines`
    std::size_t past = 0;   ///< one past its last line
    std::size_t last = 0;   ///< its last line with content: option, continuation, or the header
    std::optional<std::size_t> last_option;
};

struct text_layout {
    explicit text_layout(std::string_view from);

    std::string_view text; ///< has to outlive this
    std::vector<line> lines;
    std::vector<text_block> blocks;

    /// A line with its end; its end alone; the blanks before its first visible character.
    std::string_view whole(std::size_t i) const;
    std::string_view end_of(std::size_t i) const;
    std::string_view indentation(std::size_t i) const;
    /// The most frequent line end, and that of a line, or the usual one where it has none.
    std::string_view usual_end() const;
    std::string_view end_like(std::size_t i) const;

    /// The line of an option of a section, by its folded name.
    std::optional<std::size_t> find(std::string_view section, std::string_view folded) const;
    /// One past the last continuation line of the option at `line`.
    std::size_t past_value(std::size_t line) const;

  private:
    void take(const line& scanned);
};

} // namespace aio::config
