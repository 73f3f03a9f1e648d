#include <aio/base/diagnostic.hpp>
#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace aio::base {

namespace {

constexpr std::size_t longest_line = 160;

// A message as it is shown: what the user wrote may be in it, and reaches a terminal.
std::string cleaned(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const code_point c = decode(text, at);
        const bool layout = c.value == '\n' || c.value == '\t';
        const bool control = c.value < 0x20 || (c.value >= 0x7F && c.value < 0xA0);
        if (!c.valid || (control && !layout))
            out += '?';
        else
            out += text.substr(at, c.bytes);
        at += c.bytes;
    }
    return out;
}

// The line as it is shown: code points, control characters replaced, a secret masked.
std::u32string shown_line(const location& where) {
    std::u32string out;
    const std::string_view line = line_at(where.from->text, where.line);
    for (std::size_t at = 0; at < line.size();) {
        if (where.secret_from != 0 && out.size() + 1 == where.secret_from) {
            out.append(secret_mask.begin(), secret_mask.end());
            break;
        }
        const code_point c = decode(line, at);
        const bool control = c.value < 0x20 || (c.value >= 0x7F && c.value < 0xA0);
        out += c.value == '\t' ? U'\t' : control || !c.valid ? U'?' : c.value;
        at += c.bytes;
    }
    return out;
}

void append_caret_lines(std::string& to, const location& where) {
    std::u32string line = shown_line(where);
    std::size_t caret = where.column == 0 ? 0 : where.column - 1;
    if (where.secret_from != 0)
        caret = std::min<std::size_t>(caret, where.secret_from - 1);
    caret = std::min(caret, line.size());
    if (line.size() > longest_line) {
        const std::size_t from = caret > longest_line / 2 ? caret - longest_line / 2 : 0;
        const bool more = from + longest_line < line.size();
        line = (from > 0 ? U"..." : U"") + line.substr(from, longest_line) + (more ? U"..." : U"");
        caret = caret - from + (from > 0 ? 3 : 0);
    }
    to += "    ";
    for (const char32_t c : line)
        encode(to, c);
    to += '\n';
    if (where.column == 0)
        return;
    to += "    ";
    for (std::size_t i = 0; i < caret; ++i)
        to += line[i] == U'\t' ? '\t' : ' ';
    to += "^\n";
}

void append_indented(std::string& to, std::string_view text) {
    for (const std::string_view line : lines(text))
        to += fmt::format("  {}\n", line);
}

} // namespace

void diagnostics::error(location where, std::string text, std::string hint) {
    add({severity::error, std::move(where), std::move(text), std::move(hint)});
}

void diagnostics::warning(location where, std::string text, std::string hint) {
    add({severity::warning, std::move(where), std::move(text), std::move(hint)});
}

void diagnostics::add(diagnostic one) {
    errors_ += one.level == severity::error ? 1 : 0;
    all_.push_back(std::move(one));
}

void diagnostics::add(const diagnostics& others) {
    const std::size_t count = others.all_.size();
    for (std::size_t i = 0; i < count; ++i)
        add(diagnostic{others.all_[i]});
}

void diagnostics::sort() {
    std::map<const source*, std::size_t> order;
    for (const diagnostic& one : all_)
        if (one.where.from)
            order.emplace(one.where.from.get(), order.size());
    using key = std::tuple<std::size_t, std::uint32_t, std::size_t>; // file, line, as found
    std::vector<key> keys;
    for (std::size_t i = 0; i < all_.size(); ++i) {
        const location& where = all_[i].where;
        keys.emplace_back(where.from ? order[where.from.get()] : order.size(), where.line, i);
    }
    std::sort(keys.begin(), keys.end());
    std::vector<diagnostic> sorted;
    for (const key& k : keys)
        sorted.push_back(std::move(all_[std::get<2>(k)]));
    all_ = std::move(sorted);
}

std::string_view line_at(std::string_view text, std::uint32_t number) noexcept {
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    for (std::uint32_t n = 1; number != 0; ++n) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        if (n == number)
            return text.substr(0, end);
        if (end == text.size())
            break;
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    return {};
}

std::string render(const location& where) {
    if (!where.from)
        return {};
    if (where.line == 0)
        return where.from->name;
    if (where.column == 0)
        return fmt::format("{}:{}", where.from->name, where.line);
    return fmt::format("{}:{}:{}", where.from->name, where.line, where.column);
}

std::string render(const diagnostic& one) {
    const std::string_view level = one.level == severity::error ? "error" : "warning";
    std::string out = cleaned(render(one.where));
    out += fmt::format("{}{}: {}\n", out.empty() ? "" : ": ", level, cleaned(one.text));
    if (one.where.from && one.where.line != 0)
        append_caret_lines(out, one.where);
    if (!one.hint.empty())
        append_indented(out, cleaned(one.hint));
    return out;
}

std::string render(const diagnostics& all) {
    std::string out;
    for (const diagnostic& one : all)
        out += render(one);
    return out;
}

} // namespace aio::base
