#pragma once

// One INI text, parsed: its sections and options with their places, and everything wrong with it.
// Names and values are views into the text wherever they can be.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::config {

inline constexpr std::string_view default_section = "DEFAULT";

/// Storage for texts that do not occur in the source: folded names, joined values.
class AIO_API arena {
  public:
    std::string_view keep(std::string_view text);

  private:
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t used_ = 0, size_ = 0;
};

/// A section of one text; the first header of that name.
struct header {
    std::string_view name;
    std::uint32_t line = 0, column = 0; ///< 0: [DEFAULT] was not written
    std::uint32_t hash = 0;
};

/// One assignment of an option.
struct entry {
    std::string_view name; ///< folded
    std::string_view raw;  ///< value lines joined with LF
    std::uint32_t section = 0;
    std::uint32_t line = 0, column = 0;          ///< of the name
    std::uint32_t value_column = 0;              ///< of the value's first character, same line
    std::uint32_t more_from = 0, more_count = 0; ///< continuation lines, in document::more
    std::uint32_t hash = 0;                      ///< of the name
};

struct place {
    std::uint32_t line = 0, column = 0;
};

enum class problem_kind : std::uint8_t {
    not_utf8,
    missing_header,
    bad_line,
    nameless_option,
    duplicate_section,
    duplicate_option,
    // errors of the strict dialect only
    other_encoding,    ///< UTF-16 or UTF-32; nothing of the text is read
    nul,               ///< a NUL anywhere in the text
    unseen_in_section, ///< a control or invisible character in the name of a section
    unseen_in_option,  ///< the same in the name of an option
    // warnings
    bracket_in_header,
    header_in_value,
    // warnings of the strict dialect only
    comment_in_value,       ///< like ";;" or "#fff": easily meant as part of the value
    clear_comment_in_value, ///< like "# text"
    unseen_in_value,
};

/// `python` takes every text that configparser takes. `strict` refuses bytes and characters that
/// nobody means, and warns of what is easily misread; what it accepts means the same.
enum class dialect : std::uint8_t { python, strict };

struct problem {
    problem_kind kind = problem_kind::bad_line;
    std::uint32_t line = 0, column = 0;
    std::size_t offset = 0; ///< not_utf8: of the byte
    std::string_view section = {}, option = {};
    place first = {};              ///< duplicates: where it was set first
    std::uint32_t deeper_than = 0; ///< bad_line: indented deeper than this line it would continue
    std::uint32_t count = 1;       ///< comment_in_value: lines of this kind in that value
    std::uint32_t value_column =
        0; ///< where the value begins in that line, for secrets; 0: nowhere

    bool is_warning() const noexcept { return kind >= problem_kind::bracket_in_header; }
};

/// Immutable once parsed.
struct document {
    std::shared_ptr<const base::source> source;
    std::vector<header> sections; ///< by first appearance; [0] is [DEFAULT], written or not
    std::vector<entry> entries;   ///< in the order written; a duplicate is a second one
    std::vector<place> more;      ///< where continuation lines begin; blank ones included
    std::vector<problem> problems;
    bool failed = false; ///< has a problem that is no warning
    arena room;

    base::location at(std::uint32_t line, std::uint32_t column) const {
        return {source, line, column};
    }

    /// Where the byte `offset` of an entry's raw value stands in the text.
    AIO_API place place_of(const entry& option, std::size_t offset) const noexcept;
};

/// Reads one text. Never fails as a whole: see document::problems. A text in another encoding than
/// UTF-8 has that as its only problem, and no sections.
AIO_API std::shared_ptr<const document>
parse(std::shared_ptr<const base::source> from, dialect rules = dialect::python);

/// Adds one line for each problem: text, caret, hint.
AIO_API void report(const document& parsed, base::diagnostics& problems);
AIO_API base::diagnostic describe(const document& parsed, const problem& mistake);
/// What is said of a value with an invisible character, wherever the value was set.
std::string unseen_in_value_text(std::string_view option);

/// The hash by which names are compared first.
inline std::uint32_t hash_of(std::string_view name) noexcept {
    // FNV-1a: names are a dozen bytes, a heavier hash costs more than it saves.
    std::uint32_t hash = 2166136261u;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash ^ hash >> 15;
}

} // namespace aio::config
