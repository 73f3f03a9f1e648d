#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/characters.hpp>
#include <aio/config/document.hpp>
#include <aio/config/encoding.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/lines.hpp>
#include <aio/config/name_index.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace aio::config {

std::string_view arena::keep(std::string_view text) {
    if (text.empty())
        return {};
    if (used_ + text.size() > size_) {
        size_ = std::max<std::size_t>(text.size(), 16384);
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(size_));
        used_ = 0;
    }
    char* out = blocks_.back().get() + used_;
    std::memcpy(out, text.data(), text.size());
    used_ += text.size();
    return {out, text.size()};
}

place document::place_of(const entry& option, std::size_t offset) const noexcept {
    const std::string_view before = option.raw.substr(0, offset);
    const auto line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t start = before.rfind('\n') + 1; // npos + 1 is 0
    const auto inside = static_cast<std::uint32_t>(base::code_points(before.substr(start)));
    if (line == 0)
        return {option.line, option.value_column + inside};
    if (line > option.more_count)
        return {option.line, option.value_column};
    const place& where = more[option.more_from + line - 1];
    return {where.line, where.column + inside};
}

namespace {

// Comments of one kind inside the value that is being read.
struct inner_comments {
    std::uint32_t pending = 0; // since the last line of the value
    place first;               // of the pending ones
    std::optional<std::size_t> told;
};

// Gets the lines of one text and fills the document.
class builder {
  public:
    builder(document& document, dialect rules)
        : to_(document), rules_(rules), ascii_(base::is_ascii(document.source->text)) {
        const std::size_t guess = document.source->text.size() / 32;
        to_.entries.reserve(guess / 2);
        to_.sections.push_back({default_section, 0, 0, hash_of(default_section)});
        sections_.find_or_add(to_.sections[0].hash, 0, [](auto) { return false; });
    }

    void take(const line& scanned) {
        switch (scanned.kind) {
        case line_kind::comment:
            note_comment(scanned);
            break;
        case line_kind::blank:
            if (scanned.in_value)
                extend(scanned);
            break;
        case line_kind::continuation:
            warn_comments_in_value();
            extend(scanned);
            if (looks_like_header(scanned.content))
                warn_header_in_value(scanned);
            break;
        case line_kind::header:
            start_section(scanned);
            break;
        case line_kind::option:
            start_option(scanned);
            break;
        case line_kind::nameless:
            finish_value();
            add(problem_kind::nameless_option, scanned);
            remember_mark(scanned);
            break;
        case line_kind::bad:
            add(problem_kind::bad_line, scanned).deeper_than = continues_if_deeper();
            remember_mark(scanned);
            break;
        case line_kind::preamble:
            if (!preamble_)
                add(problem_kind::missing_header, scanned);
            preamble_ = true;
            break;
        }
    }

    void finish() { finish_value(); }

  private:
    problem& add(problem_kind kind, const line& line) {
        return to_.problems.emplace_back(
            problem{.kind = kind, .line = line.number, .column = line.indent + 1}
        );
    }

    void start_section(const line& scanned) {
        finish_value();
        const std::uint32_t hash = hash_of(scanned.name);
        const auto fresh = static_cast<std::uint32_t>(to_.sections.size());
        section_ = sections_.find_or_add(hash, fresh, [&](std::uint32_t i) {
            return to_.sections[i].name == scanned.name;
        });
        header& found = section_ == fresh
                            ? to_.sections.emplace_back(header{scanned.name, 0, 0, hash})
                            : to_.sections[section_];
        if (found.line == 0) {
            found.line = scanned.number;
            found.column = scanned.indent + 1;
        } else if (section_ != 0) {
            problem& p = add(problem_kind::duplicate_section, scanned);
            p.section = found.name;
            p.first = {found.line, found.column};
        }
        if (scanned.name.find(']') != std::string_view::npos)
            add(problem_kind::bracket_in_header, scanned).section = scanned.name;
        remember_mark(scanned);
    }

    void start_option(const line& scanned) {
        finish_value();
        entry e;
        std::string_view name = fold(scanned.name, folded_);
        e.name = name.data() == folded_.data() && !name.empty() ? to_.room.keep(name) : name;
        e.raw = scanned.value;
        e.section = section_;
        e.line = scanned.number;
        e.column = scanned.indent + 1;
        e.value_column = e.column + width({scanned.content.data(), scanned.value.data()});
        e.more_from = static_cast<std::uint32_t>(to_.more.size());
        e.hash = hash_of(e.name);
        note_duplicate(e, scanned);
        to_.entries.push_back(e);
        open_ = true;
        remember_mark(scanned);
    }

    void note_duplicate(const entry& e, const line& scanned) {
        const auto fresh = static_cast<std::uint32_t>(to_.entries.size());
        const std::uint32_t first =
            options_.find_or_add(mix(e.section, e.hash), fresh, [&](std::uint32_t i) {
                return to_.entries[i].section == e.section && to_.entries[i].name == e.name;
            });
        if (first == fresh)
            return;
        problem& p = add(problem_kind::duplicate_option, scanned);
        p.section = to_.sections[e.section].name;
        p.option = e.name;
        p.first = {to_.entries[first].line, to_.entries[first].column};
        p.value_column = e.value_column;
    }

    void extend(const line& scanned) {
        if (to_.entries.back().more_count++ == 0)
            joined_ = to_.entries.back().raw;
        joined_ += '\n';
        joined_ += scanned.content;
        to_.more.push_back({scanned.number, scanned.indent + 1});
    }

    // Empty lines at the end of a value are not its own.
    void finish_value() {
        odd_comments_ = clear_comments_ = {};
        if (!open_)
            return;
        open_ = false;
        entry& e = to_.entries.back();
        if (e.more_count == 0)
            return;
        while (joined_.ends_with('\n')) {
            joined_.pop_back();
            to_.more.pop_back();
            --e.more_count;
        }
        if (e.more_count != 0)
            e.raw = to_.room.keep(joined_);
    }

    // A comment may be a mistake where the value continues below it.
    void note_comment(const line& scanned) {
        if (rules_ == dialect::python || !open_ || scanned.indent < to_.entries.back().column)
            return;
        inner_comments& seen = reads_as_comment(scanned.content) ? clear_comments_ : odd_comments_;
        if (seen.pending++ == 0)
            seen.first = {scanned.number, scanned.indent + 1};
    }

    // "# text", which nobody takes for part of a value; not "#fff" or ";;".
    static bool reads_as_comment(std::string_view content) {
        const std::size_t text = std::min(content.find_first_not_of('#'), content.size());
        return text > 0 &&
               (text == content.size() || base::leading_blanks(content.substr(text)) > 0);
    }

    void warn_comments_in_value() {
        warn_comments(odd_comments_, problem_kind::comment_in_value);
        warn_comments(clear_comments_, problem_kind::clear_comment_in_value);
    }

    void warn_comments(inner_comments& seen, problem_kind kind) {
        if (seen.pending == 0)
            return;
        if (!seen.told) {
            seen.told = to_.problems.size();
            const entry& option = to_.entries.back();
            to_.problems.push_back(
                {.kind = kind,
                 .line = seen.first.line,
                 .column = seen.first.column,
                 .section = to_.sections[option.section].name,
                 .option = option.name,
                 .count = 0,
                 .value_column = seen.first.column}
            );
        }
        to_.problems[*seen.told].count += std::exchange(seen.pending, 0);
    }

    static bool looks_like_header(std::string_view text) {
        if (text.size() < 3 || text.front() != '[' || text.back() != ']')
            return false;
        const std::string_view name = text.substr(1, text.size() - 2);
        const auto plain = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '/' || c == '_' || c == '-' || c == '.' || c == ':';
        };
        const char first = name.front();
        return std::all_of(name.begin(), name.end(), plain) && !(first >= '0' && first <= '9');
    }

    void warn_header_in_value(const line& scanned) {
        problem& p = add(problem_kind::header_in_value, scanned);
        p.section = scanned.content.substr(1, scanned.content.size() - 2);
        p.option = to_.entries.back().name;
        p.first = {to_.entries.back().line, to_.entries.back().column};
    }

    void remember_mark(const line& scanned) { mark_line_ = scanned.number; }

    // A bad line below an option continues it when it is indented deeper than the mark.
    std::uint32_t continues_if_deeper() const { return open_ ? mark_line_ : 0; }

    std::uint32_t width(std::string_view text) const {
        return static_cast<std::uint32_t>(ascii_ ? text.size() : base::code_points(text));
    }

    document& to_;
    dialect rules_;
    name_index sections_, options_;
    std::string joined_, folded_;
    std::uint32_t section_ = 0;
    std::uint32_t mark_line_ = 0;
    inner_comments odd_comments_, clear_comments_;
    bool open_ = false;
    bool preamble_ = false;
    bool ascii_ = false;
};

problem broken_utf8(std::string_view text, std::size_t offset) {
    problem out{.kind = problem_kind::not_utf8, .offset = offset};
    const place where = place_in(text, offset);
    out.line = where.line;
    out.column = where.column;
    return out;
}

} // namespace

std::shared_ptr<const document> parse(std::shared_ptr<const base::source> from, dialect rules) {
    auto out = std::make_shared<document>();
    out->source = std::move(from);
    const std::string_view text = out->source->text;
    builder build{*out, rules};
    const std::size_t bad = base::find_invalid_utf8(text);
    if (rules == dialect::strict && guess_encoding(text))
        out->problems.push_back({.kind = problem_kind::other_encoding});
    else if (bad != std::string_view::npos)
        out->problems.push_back(broken_utf8(text, bad));
    else
        scan_lines(text, [&](const line& scanned) { build.take(scanned); });
    build.finish();
    if (rules == dialect::strict)
        find_unseen(*out);
    for (const problem& one : out->problems)
        out->failed = out->failed || !one.is_warning();
    return out;
}

} // namespace aio::config
