#include <aio/base/diagnostic.hpp>
#include <aio/base/lookalike.hpp>
#include <aio/base/source_lines.hpp>
#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/base/visible.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace aio::base {

namespace {

constexpr std::size_t longest_line = 160;

// One character of a line as it is shown.
struct shown_character {
    std::string text;
    std::size_t width = 1; ///< columns of a terminal, as far as one can tell

    explicit shown_character(std::string text_)
        : text(std::move(text_)), width(code_points(text)) {}
};

// The line as it is shown: characters that cannot be seen escaped, a secret masked.
std::vector<shown_character> shown_line(const location& where, source_lines& sources) {
    std::vector<shown_character> out;
    const std::string_view line = sources.line(where.from, where.line);
    for (std::size_t offset = 0; offset < line.size();) {
        if (where.secret_from != 0 && out.size() + 1 == where.secret_from) {
            for (const char c : secret_mask)
                out.emplace_back(std::string{c});
            break;
        }
        std::string text;
        offset += append_visible(text, line, offset);
        out.emplace_back(std::move(text));
    }
    return out;
}

std::string_view shown_part_of(const location& where, source_lines& sources) {
    const std::string_view line = sources.line(where.from, where.line);
    for (std::size_t offset = 0, column = 1; where.secret_from != 0 && offset < line.size();
         ++column) {
        if (column == where.secret_from)
            return line.substr(0, offset);
        offset += decode(line, offset).bytes;
    }
    return line;
}

void append_caret_lines(std::string& out, const location& where, source_lines& sources) {
    const std::vector<shown_character> line = shown_line(where, sources);
    std::size_t caret = where.column == 0 ? 0 : where.column - 1;
    if (where.secret_from != 0)
        caret = std::min<std::size_t>(caret, where.secret_from - 1);
    caret = std::min(caret, line.size());
    const bool cut = line.size() > longest_line;
    const std::size_t from = cut && caret > longest_line / 2 ? caret - longest_line / 2 : 0;
    const std::size_t end = cut ? std::min(from + longest_line, line.size()) : line.size();
    out += from > 0 ? "    ..." : "    ";
    std::string part;
    for (std::size_t i = from; i < end; ++i)
        part += line[i].text;
    out += visible(part); // a joiner at a cut joins nothing
    out += end < line.size() ? "...\n" : "\n";
    if (where.column == 0)
        return;
    out += from > 0 ? "       " : "    ";
    for (std::size_t i = from; i < caret; ++i)
        out += line[i].text == "\t" ? std::string{"\t"} : std::string(line[i].width, ' ');
    out += "^\n";
}

void append_indented(std::string& out, std::string_view text) {
    for (const std::string_view line : lines(text))
        out += fmt::format("  {}\n", line);
}

} // namespace

void diagnostics::error(location where, std::string text, std::string hint) {
    add({severity::error, std::move(where), std::move(text), std::move(hint)});
}

void diagnostics::warning(location where, std::string text, std::string hint) {
    add({severity::warning, std::move(where), std::move(text), std::move(hint)});
}

void diagnostics::add(diagnostic problem) {
    errors_ += problem.level == severity::error ? 1 : 0;
    all_.push_back(std::move(problem));
}

void diagnostics::add(const diagnostics& others) {
    const std::size_t count = others.all_.size();
    for (std::size_t i = 0; i < count; ++i)
        add(diagnostic{others.all_[i]});
}

void diagnostics::sort() {
    std::map<const source*, std::size_t> order;
    for (const diagnostic& problem : all_)
        if (problem.where.from)
            order.emplace(problem.where.from.get(), order.size());
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

std::string render(const location& where) {
    if (!where.from)
        return {};
    if (where.line == 0)
        return where.from->name;
    if (where.column == 0)
        return fmt::format("{}:{}", where.from->name, where.line);
    return fmt::format("{}:{}:{}", where.from->name, where.line, where.column);
}

std::string full_hint(const diagnostic& message) {
    source_lines sources;
    return full_hint(message, sources);
}

std::string full_hint(const diagnostic& message, source_lines& sources) {
    std::string unseen = invisible_hint(message.text);
    if (unseen.empty() && message.where.from)
        unseen = invisible_hint(shown_part_of(message.where, sources));
    if (unseen.empty())
        unseen = lookalike_hint(message.text);
    if (unseen.empty() || message.hint.empty())
        return message.hint + unseen;
    return message.hint + '\n' + unseen;
}

namespace {

std::string render(const diagnostic& message, source_lines& sources) {
    const std::string_view level = message.level == severity::error ? "error" : "warning";
    std::string out = visible(render(message.where), layout::one_line);
    out += fmt::format(
        "{}{}: {}\n", out.empty() ? "" : ": ", level, visible(message.text, layout::one_line)
    );
    if (message.show == excerpt::line && message.where.from && message.where.line != 0)
        append_caret_lines(out, message.where, sources);
    if (const std::string hint = full_hint(message, sources); !hint.empty())
        append_indented(out, visible(hint));
    return out;
}

} // namespace

std::string render(const diagnostic& message) {
    source_lines sources;
    return render(message, sources);
}

std::string render(const diagnostics& all) {
    std::string out;
    source_lines sources;
    for (const diagnostic& problem : all)
        out += render(problem, sources);
    return out;
}

} // namespace aio::base
