// What the mistakes of one text are called.

#include <aio/config/document.hpp>
#include <aio/config/encoding.hpp>

#include <fmt/format.h>

namespace aio::config {

namespace {

std::string first_set(const document& of, const problem& one) {
    return fmt::format("first set at {}", base::render(of.at(one.first.line, 0)));
}

std::string bad_line_hint(const problem& one) {
    if (one.deeper_than == 0)
        return "write option = value";
    return fmt::format(
        "write option = value, or indent it deeper than line {} to continue the value above",
        one.deeper_than
    );
}

struct wording {
    std::string text, hint;
};

wording words_for(const document& of, const problem& one) {
    switch (one.kind) {
    case problem_kind::not_utf8: {
        const auto byte = static_cast<unsigned char>(of.source->text[one.offset]);
        return {fmt::format("not UTF-8: byte 0x{:02x}", byte), "the rest of this file is not read"};
    }
    case problem_kind::missing_header:
        return {"text before the first [section]", "write a header such as [aio] above it"};
    case problem_kind::bad_line:
        return {"no '=' or ':' in this line", bad_line_hint(one)};
    case problem_kind::nameless_option:
        return {"an option needs a name before its '=' or ':'", {}};
    case problem_kind::duplicate_section:
        return {
            fmt::format("section [{}] stands twice in this file", one.section), first_set(of, one)
        };
    case problem_kind::duplicate_option:
        return {
            fmt::format("option '{}' is set twice in [{}]", one.option, one.section),
            first_set(of, one)
        };
    case problem_kind::other_encoding: {
        const auto other = guess_encoding(of.source->text).value_or(other_encoding{"", ""});
        return {
            fmt::format("this file is {}, not UTF-8; nothing of it is read", other.name),
            conversion_hint(other)
        };
    }
    case problem_kind::nul:
        return {"a NUL is no text", "delete it, or convert the file to UTF-8"};
    case problem_kind::unseen_in_section:
        return {
            fmt::format(
                "the name of section [{}] holds a character that cannot be seen", one.section
            ),
            {}
        };
    case problem_kind::unseen_in_option:
        return {
            fmt::format(
                "the name of option '{}' holds a character that cannot be seen", one.option
            ),
            {}
        };
    case problem_kind::unseen_in_value:
        return {
            fmt::format("the value of '{}' holds a character that cannot be seen", one.option), {}
        };
    case problem_kind::comment_in_value:
    case problem_kind::clear_comment_in_value:
        return {
            fmt::format(
                "{} a comment, not part of the value of '{}'",
                one.count == 1 ? "this line is"
                               : fmt::format("this line and {} more are", one.count - 1),
                one.option
            ),
            "a line that begins with '#' or ';' is a comment wherever it stands; to keep it as "
            "text, begin it with another character"
        };
    case problem_kind::bracket_in_header:
        return {
            fmt::format("the name of this section is '{}'", one.section),
            "a name reaches to the last ']' of its line"
        };
    case problem_kind::header_in_value:
        return {
            fmt::format(
                "[{}] is part of the value of '{}', not a section", one.section, one.option
            ),
            fmt::format(
                "it is indented deeper than line {}: start it further left to make it a section",
                one.first.line
            )
        };
    }
    return {};
}

} // namespace

base::diagnostic describe(const document& of, const problem& one) {
    wording words = words_for(of, one);
    return {
        one.is_warning() ? base::severity::warning : base::severity::error,
        of.at(one.line, one.column),
        std::move(words.text),
        std::move(words.hint),
    };
}

void report(const document& of, base::diagnostics& to) {
    for (const problem& one : of.problems)
        to.add(describe(of, one));
}

} // namespace aio::config
