#include <aio/base/visible.hpp>
#include <aio/cli/shell_word.hpp>

#include <fmt/format.h>

#include <cstddef>

namespace aio::cli {

namespace {

/// $'…': what cannot be seen is an escape of each of its bytes.
std::string escaped(std::string_view text) {
    std::string out = "$'";
    for (std::size_t at = 0; at < text.size();) {
        std::string seen;
        const std::string_view part = text.substr(at, base::append_visible(seen, text, at));
        if (part == "'" || part == "\\")
            out += '\\';
        if (seen == part && part != "\t")
            out += part;
        else
            for (const char byte : part)
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
        at += part.size();
    }
    return out + '\'';
}

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + '\'';
}

} // namespace

std::string shell_word(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-+,=@%";
    std::string path = std::string(text.starts_with('-') ? "./" : "").append(text);
    if (!path.empty() && path.find_first_not_of(plain) == std::string::npos)
        return path;
    const bool seen = base::visible(path, base::layout::one_line) == path;
    return seen && path.find('\t') == std::string::npos ? quoted(path) : escaped(path);
}

} // namespace aio::cli
