#include <aio/config/fold.hpp>
#include <aio/config/text_layout.hpp>

#include <algorithm>
#include <array>

namespace aio::config {

text_layout::text_layout(std::string_view from) : text(from) {
    scan_lines(text, [&](const line& scanned) { take(scanned); });
    for (std::size_t i = 0; i < blocks.size(); ++i)
        blocks[i].past = i + 1 < blocks.size() ? blocks[i + 1].header : lines.size();
}

std::string_view text_layout::whole(std::size_t i) const {
    return text.substr(lines[i].from, lines[i].next - lines[i].from);
}

std::string_view text_layout::end_of(std::size_t i) const {
    return text.substr(lines[i].end, lines[i].next - lines[i].end);
}

std::string_view text_layout::indentation(std::size_t i) const {
    const auto start = static_cast<std::size_t>(lines[i].content.data() - text.data());
    return text.substr(lines[i].from, start - lines[i].from);
}

std::string_view text_layout::usual_end() const {
    constexpr std::array<std::string_view, 3> ends{"\n", "\r\n", "\r"};
    std::array<std::size_t, 3> counts{};
    for (std::size_t i = 0; i < lines.size(); ++i)
        for (std::size_t k = 0; k < ends.size(); ++k)
            counts[k] += end_of(i) == ends[k] ? 1 : 0;
    const auto most = std::max_element(counts.begin(), counts.end());
    return ends[static_cast<std::size_t>(most - counts.begin())];
}

std::string_view text_layout::end_like(std::size_t i) const {
    return end_of(i).empty() ? usual_end() : end_of(i);
}

std::optional<std::size_t>
text_layout::find(std::string_view section, std::string_view folded) const {
    for (const text_block& b : blocks) {
        if (b.section != section)
            continue;
        for (std::size_t i = b.header; i < b.past; ++i)
            if (lines[i].kind == line_kind::option && fold(lines[i].name) == folded)
                return i;
    }
    return std::nullopt;
}

std::size_t text_layout::past_value(std::size_t line) const {
    std::size_t past = line + 1;
    for (std::size_t i = line + 1; i < lines.size(); ++i) {
        if (lines[i].kind == line_kind::continuation)
            past = i + 1;
        else if (lines[i].kind != line_kind::comment && lines[i].kind != line_kind::blank)
            break;
    }
    return past;
}

void text_layout::take(const line& scanned) {
    const std::size_t offset = lines.size();
    lines.push_back(scanned);
    if (scanned.kind == line_kind::header) {
        blocks.push_back({scanned.name, offset, 0, offset, std::nullopt});
    } else if (!blocks.empty()) {
        if (scanned.kind == line_kind::option)
            blocks.back().last_option = offset;
        if (scanned.kind == line_kind::option || scanned.kind == line_kind::continuation)
            blocks.back().last = offset;
    }
}

} // namespace aio::config
