// The messages for the mistakes of one text.

#include <aio/config/document.hpp>
#include <aio/config/encoding.hpp>

#include <fmt/format.h>

namespace aio::config {

namespace {

std::string first_set(const document& parsed, const problem& mistake) {
    return fmt::format("first set at {}", base::render(parsed.at(mistake.first.line, 0)));
}

std::string bad_line_hint(const problem& mistake) {
    if (mistake.deeper_than == 0)
        return "write option = value";
    return fmt::format(
        "write option = value, or indent it deeper than line {} to continue the value above",
        mistake.deeper_than
    );
}

struct wording {
    std::string text, hint;
};

wording words_for(const document& parsed, const problem& mistake) {
    switch (mistake.kind) {
    case problem_kind::not_utf8: {
        const auto byte = static_cast<unsigned char>(parsed.source->text[mistake.offset]);
        return {fmt::format("not UTF-8: byte 0x{:02x}", byte), "the rest of this file is not read"};
    }
    case problem_kind::missing_header:
        return {"text before the first [section]", "write a header such as [aio] above it"};
    case problem_kind::bad_line:
        return {"no '=' or ':' in this line", bad_line_hint(mistake)};
    case problem_kind::nameless_option:
        return {"an option needs a name before its '=' or ':'", {}};
    case problem_kind::duplicate_section:
        return {
            fmt::format("section [{}] stands twice in this file", mistake.section),
            first_set(parsed, mistake)
        };
    case problem_kind::duplicate_option:
        return {
            fmt::format("option '{}' is set twice in [{}]", mistake.option, mistake.section),
            first_set(parsed, mistake)
        };
    case problem_kind::other_encoding: {
        const auto other = guess_encoding(parsed.source->text).value_or(other_encoding{"", ""});
        return {
            fmt::format("this file is {}, not UTF-8; nothing of it is read", other.name),
            conversion_hint(other)
        };
    }
    case problem_kind::nul:
        return {"a NUL byte is not text", "delete it, or convert the file to UTF-8"};
    case problem_kind::unseen_in_section:
        return {
            fmt::format(
                "the name of section [{}] holds a character that cannot be seen", mistake.section
            ),
            {}
        };
    case problem_kind::unseen_in_option:
        return {
            fmt::format(
                "the name of option '{}' holds a character that cannot be seen", mistake.option
            ),
            {}
        };
    case problem_kind::unseen_in_value:
        return {unseen_in_value_text(mistake.option), {}};
    case problem_kind::comment_in_value:
    case problem_kind::clear_comment_in_value:
        return {
            fmt::format(
                "{} a comment, not part of the value of '{}'",
                mistake.count == 1 ? "this line is"
                                   : fmt::format("this line and {} more are", mistake.count - 1),
                mistake.option
            ),
            "a line that begins with '#' or ';' is a comment wherever it stands; to keep it as "
            "text, begin it with another character"
        };
    case problem_kind::bracket_in_header:
        return {
            fmt::format("the name of this section is '{}'", mistake.section),
            "a section name ends at the last ']' of its line"
        };
    case problem_kind::header_in_value:
        return {
            fmt::format(
                "[{}] is part of the value of '{}', not a section", mistake.section, mistake.option
            ),
            fmt::format(
                "it is indented deeper than line {}: start it further left to make it a section",
                mistake.first.line
            )
        };
    }
    return {};
}

} // namespace

std::string unseen_in_value_text(std::string_view option) {
    return fmt::format("the value of '{}' holds a character that cannot be seen", option);
}

base::diagnostic describe(const document& parsed, const problem& mistake) {
    wording words = words_for(parsed, mistake);
    return {
        mistake.is_warning() ? base::severity::warning : base::severity::error,
        parsed.at(mistake.line, mistake.column),
        std::move(words.text),
        std::move(words.hint),
    };
}

void report(const document& parsed, base::diagnostics& problems) {
    for (const problem& one : parsed.problems)
        problems.add(describe(parsed, one));
}

} // namespace aio::config
