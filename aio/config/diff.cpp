#include <aio/config/edit.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace aio::config {

namespace {

constexpr std::size_t context = 3;

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        out.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return out;
}

void append(std::string& out, char sign, std::string_view line) {
    out += sign;
    out += line;
    if (!line.ends_with('\n'))
        out += "\n\\ No newline at end of file\n";
}

// "3,2" of "@@ -3,2 +3,2 @@".
std::string range(std::size_t from, std::size_t count) {
    const std::size_t first = count == 0 ? from : from + 1;
    return count == 1 ? fmt::format("{}", first) : fmt::format("{},{}", first, count);
}

} // namespace

std::string unified_diff(
    std::string_view name,
    std::string_view before,
    std::string_view after,
    std::string_view shown_before,
    std::string_view shown_after
) {
    if (before == after)
        return {};
    const auto a = split_lines(before), b = split_lines(after);
    const auto shown_a = split_lines(shown_before), shown_b = split_lines(shown_after);
    std::size_t head = 0;
    while (head < a.size() && head < b.size() && a[head] == b[head])
        ++head;
    std::size_t tail = 0;
    while (tail < a.size() - head && tail < b.size() - head &&
           a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    const std::size_t from = head - std::min(head, context);
    const std::size_t after_tail = std::min(tail, context);
    const std::size_t past_a = a.size() - tail, past_b = b.size() - tail;
    std::string out = fmt::format(
        "--- {0}\n+++ {0}\n@@ -{1} +{2} @@\n",
        name,
        range(from, past_a + after_tail - from),
        range(from, past_b + after_tail - from)
    );
    for (std::size_t i = from; i < head; ++i)
        append(out, ' ', shown_a[i]);
    for (std::size_t i = head; i < past_a; ++i)
        append(out, '-', shown_a[i]);
    for (std::size_t i = head; i < past_b; ++i)
        append(out, '+', shown_b[i]);
    for (std::size_t i = past_a; i < past_a + after_tail; ++i)
        append(out, ' ', shown_a[i]);
    return out;
}

} // namespace aio::config
