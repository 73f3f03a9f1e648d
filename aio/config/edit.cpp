#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/document.hpp>
#include <aio/config/edit.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/lines.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace aio::config {

namespace {

using texts = std::vector<std::string_view>;

texts lines_of(std::string_view value) {
    texts out;
    for (std::size_t at = 0; at <= value.size();) {
        const std::size_t end = std::min(value.find('\n', at), value.size());
        out.push_back(value.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

bool is_comment(std::string_view text) {
    return !text.empty() && (text.front() == '#' || text.front() == ';');
}

// What a value would need that the dialect cannot spell.
std::string refuse_value(std::string_view value) {
    if (base::find_invalid_utf8(value) != std::string_view::npos)
        return "the value is not UTF-8";
    if (value.find('\r') != std::string_view::npos)
        return "a value cannot hold a carriage return";
    const texts lines = lines_of(value);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (base::strip(lines[i]) != lines[i])
            return fmt::format("line {} of the value begins or ends with a blank", i + 1);
        if (i > 0 && is_comment(lines[i]))
            return fmt::format("line {} of the value would read as a comment", i + 1);
    }
    if (lines.size() > 1 && lines.back().empty())
        return "a value of several lines cannot end with an empty one";
    return {};
}

std::string refuse_name(std::string_view name, std::string_view first_line) {
    if (name.empty())
        return "an option needs a name";
    if (base::find_invalid_utf8(name) != std::string_view::npos)
        return "the name is not UTF-8";
    if (base::strip(name) != name)
        return "the name of an option cannot begin or end with a blank";
    if (name.find_first_of("=:\r\n") != std::string_view::npos)
        return "the name of an option cannot hold '=', ':' or a line end";
    if (is_comment(name))
        return "the name would read as a comment";
    if (name.front() == '[' && (name.find(']', 2) != std::string_view::npos ||
                                first_line.find(']') != std::string_view::npos))
        return "name and value together would read as a section header";
    return {};
}

std::string refuse_section(std::string_view name) {
    if (name.empty())
        return "a section needs a name";
    if (base::find_invalid_utf8(name) != std::string_view::npos)
        return "the name is not UTF-8";
    if (name.find_first_of("\r\n") != std::string_view::npos)
        return "the name of a section cannot hold a line end";
    return {};
}

std::string refuse_dollars(std::string_view value) {
    for (std::size_t at = value.find('$'); at != std::string_view::npos; at = value.find('$', at)) {
        const char after = at + 1 < value.size() ? value[at + 1] : '\0';
        if (after == '$') {
            at += 2;
            continue;
        }
        const std::size_t close = after == '{'   ? value.find('}', at)
                                  : after == '<' ? value.find('>', at)
                                                 : std::string_view::npos;
        if (close == std::string_view::npos || close < at + 3)
            return "a '$' that begins no reference: write `$$` for a dollar sign";
        at = close + 1;
    }
    return {};
}

// A text as a list of lines and the blocks that headers cut it into.

struct block {
    std::string_view section;
    std::size_t header = 0; // in `lines`
    std::size_t past = 0;   // one past its last line
    std::size_t last = 0;   // its last line with content: option, continuation, or the header
    std::optional<std::size_t> last_option;
};

struct layout_of_text {
    explicit layout_of_text(std::string_view from) : text(from) {
        scan_lines(text, [&](const line& one) { take(one); });
        for (std::size_t i = 0; i < blocks.size(); ++i)
            blocks[i].past = i + 1 < blocks.size() ? blocks[i + 1].header : lines.size();
    }

    std::string_view text;
    std::vector<line> lines;
    std::vector<block> blocks;

    std::string_view whole(std::size_t i) const {
        return text.substr(lines[i].from, lines[i].next - lines[i].from);
    }

    std::string_view end_of(std::size_t i) const {
        return text.substr(lines[i].end, lines[i].next - lines[i].end);
    }

    std::string_view indentation(std::size_t i) const {
        const auto blanks =
            static_cast<std::size_t>(lines[i].content.data() - text.data()) - lines[i].from;
        return text.substr(lines[i].from, blanks);
    }

    // The most frequent line end.
    std::string_view usual_end() const {
        constexpr std::array<std::string_view, 3> ends{"\n", "\r\n", "\r"};
        std::array<std::size_t, 3> counts{};
        for (std::size_t i = 0; i < lines.size(); ++i)
            for (std::size_t k = 0; k < ends.size(); ++k)
                counts[k] += end_of(i) == ends[k] ? 1 : 0;
        return ends[static_cast<std::size_t>(
            std::max_element(counts.begin(), counts.end()) - counts.begin()
        )];
    }

    std::string_view end_like(std::size_t i) const {
        return end_of(i).empty() ? usual_end() : end_of(i);
    }

    // The line of an option of a section, by its folded name.
    std::optional<std::size_t> find(std::string_view section, std::string_view folded) const {
        for (const block& b : blocks) {
            if (b.section != section)
                continue;
            for (std::size_t i = b.header; i < b.past; ++i)
                if (lines[i].kind == line_kind::option && fold(lines[i].name) == folded)
                    return i;
        }
        return std::nullopt;
    }

    // One past the last continuation line of the option at `at`.
    std::size_t past_value(std::size_t at) const {
        std::size_t past = at + 1;
        for (std::size_t i = at + 1; i < lines.size(); ++i) {
            if (lines[i].kind == line_kind::continuation)
                past = i + 1;
            else if (lines[i].kind != line_kind::comment && lines[i].kind != line_kind::blank)
                break;
        }
        return past;
    }

  private:
    void take(const line& one) {
        const std::size_t at = lines.size();
        lines.push_back(one);
        if (one.kind == line_kind::header) {
            blocks.push_back({one.name, at, 0, at, std::nullopt});
        } else if (!blocks.empty()) {
            if (one.kind == line_kind::option)
                blocks.back().last_option = at;
            if (one.kind == line_kind::option || one.kind == line_kind::continuation)
                blocks.back().last = at;
        }
    }
};

// What a text says: every option of every section, raw.
using contents = std::map<std::string, std::map<std::string, std::string>, std::less<>>;

std::optional<contents> read_contents(std::string_view text) {
    const auto parsed = parse(std::make_shared<const base::source>("edited", std::string{text}));
    if (parsed->failed)
        return std::nullopt;
    contents out;
    for (const header& one : parsed->sections)
        if (one.line != 0)
            out[std::string{one.name}];
    for (const entry& one : parsed->entries)
        out[std::string{parsed->sections[one.section].name}][std::string{one.name}] = one.raw;
    return out;
}

// The change as it reads back, or the text as it was and why.
edited checked(std::string_view before, std::string after, const contents& intended) {
    edited out{.text = std::string{before}, .refused = {}};
    const std::optional<contents> found = read_contents(after);
    if (!found || *found != intended)
        out.refused =
            "the file would not read back as intended; its layout has to be changed by hand";
    else
        out.text = std::move(after);
    return out;
}

edited refused(std::string_view text, std::string why) {
    return {.text = std::string{text}, .refused = std::move(why)};
}

// The lines of "name = value", the first one without the indentation and name that `head` has.
std::string spell(
    std::string_view head,
    std::string_view value,
    std::string_view more_indent,
    std::string_view end
) {
    std::string out{head};
    const texts lines = lines_of(value);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0 && !lines[i].empty())
            out += more_indent;
        out += lines[i];
        out += end;
    }
    return out;
}

std::string without_end(std::string text) {
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
    return text;
}

std::string replace_value(const layout_of_text& in, std::size_t at, std::string_view value) {
    const line& option = in.lines[at];
    const std::size_t past = in.past_value(at);
    // An empty value keeps the blanks that stand before where it would begin.
    const std::size_t start = option.value.empty()
                                  ? option.end
                                  : static_cast<std::size_t>(option.value.data() - in.text.data());
    std::string more_indent = std::string{in.indentation(at)} + '\t';
    for (std::size_t i = at + 1; i < past; ++i) {
        if (in.lines[i].kind == line_kind::continuation) {
            more_indent = in.indentation(i);
            break;
        }
    }
    std::string block = spell(
        in.text.substr(option.from, start - option.from), value, more_indent, in.end_like(at)
    );
    for (std::size_t i = at + 1; i < past; ++i)
        if (in.lines[i].kind == line_kind::comment)
            block += in.whole(i);
    if (in.end_of(past - 1).empty())
        block = without_end(std::move(block));
    std::string out{in.text.substr(0, option.from)};
    out += block;
    out += in.text.substr(in.lines[past - 1].next);
    return out;
}

std::string insert_option(
    const layout_of_text& in,
    const block& into,
    std::size_t block_index,
    std::string_view option,
    std::string_view value
) {
    std::string indent;
    if (into.last_option) {
        indent = in.indentation(*into.last_option);
    } else {
        indent = in.indentation(into.header);
        // A header below that is indented deeper would continue an option that is not.
        if (block_index + 1 < in.blocks.size()) {
            const std::size_t next = in.blocks[block_index + 1].header;
            if (in.lines[next].indent > in.lines[into.header].indent)
                indent = in.indentation(next);
        }
    }
    const std::string_view end = in.end_like(into.last);
    std::string fresh = spell(fmt::format("{}{} = ", indent, option), value, indent + '\t', end);
    std::string out{in.text.substr(0, in.lines[into.last].next)};
    if (in.end_of(into.last).empty()) {
        out += end;
        fresh = without_end(std::move(fresh));
    }
    out += fresh;
    out += in.text.substr(in.lines[into.last].next);
    return out;
}

std::string append_section(
    const layout_of_text& in,
    std::string_view section,
    std::string_view option,
    std::string_view value
) {
    std::string out{in.text};
    const std::string_view end = in.lines.empty() ? "\n" : in.usual_end();
    if (!in.lines.empty()) {
        if (in.end_of(in.lines.size() - 1).empty())
            out += end;
        if (in.lines.back().kind != line_kind::blank)
            out += end;
    }
    out += fmt::format("[{}]{}", section, end);
    out += spell(fmt::format("{} = ", option), value, "\t", end);
    return out;
}

constexpr const char* broken = "the file has errors";

} // namespace

edited set_option(
    std::string_view text,
    std::string_view section,
    std::string_view option,
    std::string_view value,
    dollar_check dollars
) {
    const std::string_view first = value.substr(0, value.find('\n'));
    for (const std::string& why :
         {refuse_section(section),
          refuse_name(option, first),
          refuse_value(value),
          dollars == dollar_check::any ? std::string{} : refuse_dollars(value)})
        if (!why.empty())
            return refused(text, why);
    std::optional<contents> intended = read_contents(text);
    if (!intended)
        return refused(text, broken);
    (*intended)[std::string{section}][fold(option)] = value;
    const layout_of_text in{text};
    if (const auto at = in.find(section, fold(option)))
        return checked(text, replace_value(in, *at, value), *intended);
    for (std::size_t i = in.blocks.size(); i-- > 0;)
        if (in.blocks[i].section == section)
            return checked(text, insert_option(in, in.blocks[i], i, option, value), *intended);
    return checked(text, append_section(in, section, option, value), *intended);
}

edited unset_option(std::string_view text, std::string_view section, std::string_view option) {
    std::optional<contents> intended = read_contents(text);
    if (!intended)
        return refused(text, broken);
    const layout_of_text in{text};
    const auto at = in.find(section, fold(option));
    if (!at)
        return {.text = std::string{text}, .refused = {}, .found = false};
    intended->find(section)->second.erase(fold(option));
    const std::size_t past = in.past_value(*at);
    std::string out{in.text.substr(0, in.lines[*at].from)};
    for (std::size_t i = *at + 1; i < past; ++i)
        if (in.lines[i].kind == line_kind::comment)
            out += in.whole(i);
    out += in.text.substr(in.lines[past - 1].next);
    if (in.end_of(in.lines.size() - 1).empty() && past == in.lines.size())
        out = without_end(std::move(out));
    return checked(text, std::move(out), *intended);
}

edited unset_section(std::string_view text, std::string_view section) {
    std::optional<contents> intended = read_contents(text);
    if (!intended)
        return refused(text, broken);
    if (intended->erase(std::string{section}) == 0)
        return {.text = std::string{text}, .refused = {}, .found = false};
    const layout_of_text in{text};
    std::string out{in.text.substr(0, in.lines.empty() ? 0 : in.lines.front().from)};
    std::size_t done = 0;
    for (const block& b : in.blocks) {
        if (b.section != section)
            continue;
        for (; done < b.header; ++done)
            out += in.whole(done);
        done = b.last + 1;
        // The empty lines that set the section apart go with it.
        const bool after_gap = b.header == 0 || in.lines[b.header - 1].kind == line_kind::blank;
        while (after_gap && done < in.lines.size() && in.lines[done].kind == line_kind::blank)
            ++done;
    }
    for (; done < in.lines.size(); ++done)
        out += in.whole(done);
    return checked(text, std::move(out), *intended);
}

std::string unescape(std::string_view value) {
    std::string out;
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char after = value[at] == '\\' && at + 1 < value.size() ? value[at + 1] : '\0';
        if (after == 'n' || after == 't' || after == '\\') {
            out += after == 'n' ? '\n' : after == 't' ? '\t' : '\\';
            ++at;
        } else {
            out += value[at];
        }
    }
    return out;
}

std::string mask_secrets(
    std::string_view text,
    const std::function<bool(std::string_view section, std::string_view option)>& secret
) {
    if (!secret)
        return std::string{text};
    const layout_of_text in{text};
    std::string out{in.text.substr(0, in.lines.empty() ? 0 : in.lines.front().from)};
    std::string_view section;
    bool hidden = false;
    for (std::size_t i = 0; i < in.lines.size(); ++i) {
        const line& one = in.lines[i];
        if (one.kind == line_kind::header)
            section = one.name;
        if (one.kind == line_kind::header || one.kind == line_kind::option)
            hidden = one.kind == line_kind::option && secret(section, fold(one.name));
        const std::string_view part = one.kind == line_kind::option         ? one.value
                                      : one.kind == line_kind::continuation ? one.content
                                                                            : std::string_view{};
        if (hidden && !part.empty()) {
            const auto start = static_cast<std::size_t>(part.data() - text.data());
            out += text.substr(one.from, start - one.from);
            out += base::secret_mask;
            out += in.end_of(i);
        } else {
            out += in.whole(i);
        }
    }
    return out;
}

} // namespace aio::config
