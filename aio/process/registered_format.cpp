#include <aio/process/registered_format.hpp>

#include <charconv>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace aio::process {

namespace {

/// The rest of the line that begins with the word; nothing when there is no such line.
std::optional<std::string_view> line_of(std::string_view entry, std::string_view word) {
    while (!entry.empty()) {
        const std::string_view line = entry.substr(0, entry.find('\n'));
        entry.remove_prefix(line.size() == entry.size() ? line.size() : line.size() + 1);
        if (line == word)
            return "";
        if (line.starts_with(word) && line.substr(word.size()).starts_with(' '))
            return line.substr(word.size() + 1);
    }
    return std::nullopt;
}

std::string bytes_of_hex(std::string_view text) {
    std::string bytes;
    for (; text.size() >= 2; text.remove_prefix(2)) {
        unsigned char byte = 0;
        std::from_chars(text.data(), text.data() + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

bool has_magic(std::string_view entry, std::string_view hex, std::string_view head) {
    const std::string_view offset_text = line_of(entry, "offset").value_or("0");
    std::size_t offset = 0;
    std::from_chars(offset_text.data(), offset_text.data() + offset_text.size(), offset);
    const std::string magic = bytes_of_hex(hex);
    const std::string mask = bytes_of_hex(line_of(entry, "mask").value_or(""));
    if (magic.empty() || offset > head.size() || magic.size() > head.size() - offset)
        return false;
    for (std::size_t i = 0; i < magic.size(); ++i) {
        const int relevant = i < mask.size() ? mask[i] : 0xff;
        if (((head[offset + i] ^ magic[i]) & relevant) != 0)
            return false;
    }
    return true;
}

} // namespace

bool takes(std::string_view entry, std::string_view path, std::string_view head) {
    if (!line_of(entry, "enabled"))
        return false;
    if (const auto extension = line_of(entry, "extension")) {
        const std::size_t point = path.rfind('.');
        return point != path.npos && path.substr(point) == *extension;
    }
    const auto magic = line_of(entry, "magic");
    return magic && has_magic(entry, *magic, head);
}

bool is_registered(std::string_view path, std::string_view head, const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code failed;
    for (fs::directory_iterator found(folder, failed), end; !failed && found != end;
         found.increment(failed)) {
        std::ifstream from(found->path());
        const std::string entry{std::istreambuf_iterator<char>(from), {}};
        if (takes(entry, path, head))
            return true;
    }
    return false;
}

} // namespace aio::process
