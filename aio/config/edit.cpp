#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/document.hpp>
#include <aio/config/edit.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/spelling.hpp>
#include <aio/config/text_layout.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace aio::config {

namespace {

// The content of a text: every option of every section, raw.
using contents = std::map<std::string, std::map<std::string, std::string>, std::less<>>;

std::optional<contents> read_contents(std::string_view text) {
    const auto parsed = parse(std::make_shared<const base::source>("edited", std::string{text}));
    if (parsed->failed)
        return std::nullopt;
    contents out;
    for (const header& written : parsed->sections)
        if (written.line != 0)
            out[std::string{written.name}];
    for (const entry& item : parsed->entries)
        out[std::string{parsed->sections[item.section].name}][std::string{item.name}] = item.raw;
    return out;
}

// The changed text if it reads back as intended; otherwise the old text and the reason.
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
    const std::vector<std::string_view> lines = base::lines(value);
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

// A line that ends with CR and a line that begins with LF would have one end between them.
void append_rest(std::string& out, std::string_view rest) {
    if (out.ends_with('\r') && rest.starts_with('\n'))
        out += '\n';
    out += rest;
}

std::string replace_value(const text_layout& layout, std::size_t offset, std::string_view value) {
    const line& option = layout.lines[offset];
    const std::size_t past = layout.past_value(offset);
    // An empty value keeps the blanks that stand before where it would begin.
    const std::size_t start =
        option.value.empty() ? option.end
                             : static_cast<std::size_t>(option.value.data() - layout.text.data());
    std::string more_indent = std::string{layout.indentation(offset)} + '\t';
    for (std::size_t i = offset + 1; i < past; ++i) {
        if (layout.lines[i].kind == line_kind::continuation) {
            more_indent = layout.indentation(i);
            break;
        }
    }
    std::string block = spell(
        layout.text.substr(option.from, start - option.from),
        value,
        more_indent,
        layout.end_like(offset)
    );
    for (std::size_t i = offset + 1; i < past; ++i)
        if (layout.lines[i].kind == line_kind::comment)
            block += layout.whole(i);
    if (layout.end_of(past - 1).empty())
        block = without_end(std::move(block));
    std::string out{layout.text.substr(0, option.from)};
    out += block;
    append_rest(out, layout.text.substr(layout.lines[past - 1].next));
    return out;
}

std::string insert_option(
    const text_layout& layout,
    const text_block& into,
    std::size_t block_index,
    std::string_view option,
    std::string_view value
) {
    std::string indent;
    if (into.last_option) {
        indent = layout.indentation(*into.last_option);
    } else {
        indent = layout.indentation(into.header);
        // A header below that is indented deeper would continue an option that is not.
        if (block_index + 1 < layout.blocks.size()) {
            const std::size_t next = layout.blocks[block_index + 1].header;
            if (layout.lines[next].indent > layout.lines[into.header].indent)
                indent = layout.indentation(next);
        }
    }
    const std::string_view end = layout.end_like(into.last);
    std::string fresh = spell(fmt::format("{}{} = ", indent, option), value, indent + '\t', end);
    std::string out{layout.text.substr(0, layout.lines[into.last].next)};
    if (layout.end_of(into.last).empty()) {
        out += end;
        fresh = without_end(std::move(fresh));
    }
    out += fresh;
    append_rest(out, layout.text.substr(layout.lines[into.last].next));
    return out;
}

std::string append_section(
    const text_layout& layout,
    std::string_view section,
    std::string_view option,
    std::string_view value
) {
    std::string out{layout.text};
    const std::string_view end = layout.lines.empty() ? "\n" : layout.usual_end();
    if (!layout.lines.empty()) {
        if (layout.end_of(layout.lines.size() - 1).empty())
            out += end;
        if (layout.lines.back().kind != line_kind::blank)
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
    const text_layout layout{text};
    if (const auto offset = layout.find(section, fold(option)))
        return checked(text, replace_value(layout, *offset, value), *intended);
    for (std::size_t i = layout.blocks.size(); i-- > 0;)
        if (layout.blocks[i].section == section)
            return checked(
                text, insert_option(layout, layout.blocks[i], i, option, value), *intended
            );
    return checked(text, append_section(layout, section, option, value), *intended);
}

edited unset_option(std::string_view text, std::string_view section, std::string_view option) {
    std::optional<contents> intended = read_contents(text);
    if (!intended)
        return refused(text, broken);
    const text_layout layout{text};
    const auto offset = layout.find(section, fold(option));
    if (!offset)
        return {.text = std::string{text}, .refused = {}, .found = false};
    intended->find(section)->second.erase(fold(option));
    const std::size_t past = layout.past_value(*offset);
    std::string out{layout.text.substr(0, layout.lines[*offset].from)};
    for (std::size_t i = *offset + 1; i < past; ++i)
        if (layout.lines[i].kind == line_kind::comment)
            out += layout.whole(i);
    append_rest(out, layout.text.substr(layout.lines[past - 1].next));
    if (layout.end_of(layout.lines.size() - 1).empty() && past == layout.lines.size())
        out = without_end(std::move(out));
    return checked(text, std::move(out), *intended);
}

edited unset_section(std::string_view text, std::string_view section) {
    std::optional<contents> intended = read_contents(text);
    if (!intended)
        return refused(text, broken);
    if (intended->erase(std::string{section}) == 0)
        return {.text = std::string{text}, .refused = {}, .found = false};
    const text_layout layout{text};
    std::string out{layout.text.substr(0, layout.lines.empty() ? 0 : layout.lines.front().from)};
    std::size_t done = 0;
    for (const text_block& b : layout.blocks) {
        if (b.section != section)
            continue;
        for (; done < b.header; ++done)
            out += layout.whole(done);
        done = b.last + 1;
        // The empty lines below it are removed with it.
        const bool after_gap = b.header == 0 || layout.lines[b.header - 1].kind == line_kind::blank;
        while (after_gap && done < layout.lines.size() &&
               layout.lines[done].kind == line_kind::blank)
            ++done;
    }
    for (; done < layout.lines.size(); ++done)
        out += layout.whole(done);
    return checked(text, std::move(out), *intended);
}

std::string unescape(std::string_view value) {
    std::string out;
    for (std::size_t offset = 0; offset < value.size(); ++offset) {
        const char after =
            value[offset] == '\\' && offset + 1 < value.size() ? value[offset + 1] : '\0';
        if (after == 'n' || after == 't' || after == '\\') {
            out += after == 'n' ? '\n' : after == 't' ? '\t' : '\\';
            ++offset;
        } else {
            out += value[offset];
        }
    }
    return out;
}

} // namespace aio::config
