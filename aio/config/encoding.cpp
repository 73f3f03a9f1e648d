#include <aio/base/utf8.hpp>
#include <aio/config/encoding.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aio::config {

namespace {

using namespace std::string_view_literals;

constexpr other_encoding utf16_little{"UTF-16", "UTF-16LE"};
constexpr other_encoding utf16_big{"UTF-16", "UTF-16BE"};
constexpr other_encoding utf32_little{"UTF-32", "UTF-32LE"};
constexpr other_encoding utf32_big{"UTF-32", "UTF-32BE"};

struct mark {
    std::string_view bytes;
    other_encoding means;
};

// The mark of UTF-32 in little-endian order begins like that of UTF-16.
constexpr std::array marks{
    mark{"\xFF\xFE\0\0"sv, utf32_little},
    mark{"\0\0\xFE\xFF"sv, utf32_big},
    mark{"\xFF\xFE"sv, utf16_little},
    mark{"\xFE\xFF"sv, utf16_big},
};

constexpr std::size_t looked_at = 4096;
constexpr std::size_t least_zeros = 3;

} // namespace

std::optional<other_encoding> guess_encoding(std::string_view text) noexcept {
    for (const mark& one : marks)
        if (text.starts_with(one.bytes))
            return one.means;
    // ASCII, of which every configuration has some, has zeros in all bytes of a character but one.
    const std::string_view start = text.substr(0, looked_at);
    std::array<std::size_t, 4> zeros{};
    for (std::size_t i = 0; i < start.size(); ++i)
        zeros[i % 4] += start[i] == '\0' ? 1 : 0;
    const std::size_t quarter = start.size() / 4;
    const auto nearly_all = [&](std::size_t i) {
        return quarter > 0 && 10 * zeros[i] >= 9 * quarter;
    };
    if (nearly_all(2) && nearly_all(3) && !nearly_all(0))
        return utf32_little;
    if (nearly_all(0) && nearly_all(1) && !nearly_all(3))
        return utf32_big;
    const std::size_t even = zeros[0] + zeros[2], odd = zeros[1] + zeros[3];
    const std::size_t enough = std::max(least_zeros, start.size() / 10);
    if (odd >= enough && 8 * even <= odd)
        return utf16_little;
    if (even >= enough && 8 * odd <= even)
        return utf16_big;
    return std::nullopt;
}

std::string conversion_hint(const other_encoding& from) {
    return fmt::format("convert it: iconv -f {} -t UTF-8", from.iconv);
}

std::string no_text(std::string_view text) {
    const bool broken = base::find_invalid_utf8(text) != std::string_view::npos;
    const bool zero = text.find('\0') != std::string_view::npos;
    if (!broken && !zero)
        return {};
    if (const auto other = guess_encoding(text))
        return fmt::format("it is {}, not UTF-8", other->name);
    return broken ? "it is not UTF-8" : "it holds a NUL";
}

} // namespace aio::config
