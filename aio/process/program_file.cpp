#include <aio/base/descriptor.hpp>
#include <aio/process/program_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace aio::process {

namespace {

constexpr std::size_t head_size = 256; // the kernel's BINPRM_BUF_SIZE
constexpr std::string_view mark = "\xef\xbb\xbf", hash_bang = "#!", blanks = " \t";

std::string read_at(int file, std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t got = ::pread(file, bytes.data(), size, static_cast<off_t>(offset));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

struct known_format {
    std::string_view beginning, description;
};

constexpr std::array formats{
    known_format{"MZ", "is a program for Windows"},
    known_format{"\xcf\xfa\xed\xfe", "is a program for macOS"},
    known_format{"\xce\xfa\xed\xfe", "is a program for macOS"},
    known_format{"\xca\xfe\xba\xbe", "is a program for macOS, or a class of Java"},
    known_format{"PK\x03\x04", "is an archive (zip)"},
    known_format{"\x1f\x8b", "is compressed (gzip)"},
    known_format{"BZh", "is compressed (bzip2)"},
    known_format{
        "\xfd"
        "7zXZ",
        "is compressed (xz)"
    },
    known_format{"\x28\xb5\x2f\xfd", "is compressed (zstd)"},
};

} // namespace

std::optional<std::string> head_of(const std::string& path) {
    const base::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file)
        return std::nullopt;
    return read_at(file.get(), 0, head_size);
}

std::optional<script_line> script_line_of(std::string_view head) {
    script_line found;
    const std::size_t room = head.size();
    if (head.starts_with(mark) && head.substr(mark.size()).starts_with(hash_bang)) {
        found.after_mark = true;
        head.remove_prefix(mark.size());
    }
    if (!head.starts_with(hash_bang))
        return std::nullopt;
    const std::size_t end = head.find('\n');
    std::string_view line = head.substr(hash_bang.size(), end - hash_bang.size());
    if (line.ends_with('\r')) {
        found.windows_end = true;
        line.remove_suffix(1);
    }
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::size_t stop = std::min(line.find_first_of(blanks), line.size());
    found.cut = end == head.npos && stop == line.size() && room >= head_size;
    found.interpreter = line.substr(0, stop);
    line.remove_prefix(stop);
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    found.arguments = line;
    return found;
}

std::optional<elf_program> elf_program_at(const std::string& path, std::string_view head) {
    const base::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    struct stat found{};
    if (!file || ::fstat(file.get(), &found) != 0)
        return std::nullopt;
    return elf_program_of(
        head,
        static_cast<std::uint64_t>(found.st_size),
        [&](std::uint64_t offset, std::size_t size) { return read_at(file.get(), offset, size); }
    );
}

std::string_view description_of(std::string_view head) noexcept {
    const auto found = std::ranges::find_if(formats, [&](const known_format& format) {
        return head.starts_with(format.beginning);
    });
    return found == formats.end() ? "is of no kind that this system executes" : found->description;
}

bool is_text(std::string_view head) noexcept {
    return std::ranges::all_of(head, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 ? byte != 0x7f : byte >= '\t' && byte <= '\r';
    });
}

} // namespace aio::process
