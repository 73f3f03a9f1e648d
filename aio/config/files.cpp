#include <aio/base/descriptor.hpp>
#include <aio/base/text.hpp>
#include <aio/base/trust.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/document.hpp>
#include <aio/config/files.hpp>
#include <aio/config/interpolate.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace aio::config {

namespace {

constexpr std::array<std::string_view, 4> places{
    "aio.conf", "etc/aio.conf", "/etc/aio/aio.conf", "/etc/aio.conf"
};
constexpr std::size_t most_files = 1000;
constexpr std::size_t most_bytes = std::size_t{64} << 20;

std::string reason(int error) {
    return std::generic_category().message(error);
}

base::descriptor open(const std::string& path) {
    return base::descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
}

// Why nothing that ends can be read from it; empty: it can.
std::string unreadable(const struct stat& of) {
    if (S_ISDIR(of.st_mode))
        return reason(EISDIR);
    const bool null = S_ISCHR(of.st_mode) && of.st_rdev == ::makedev(1, 3);
    if (S_ISREG(of.st_mode) || S_ISFIFO(of.st_mode) || null)
        return {};
    return "it is neither a regular file nor a pipe";
}

// Why root neither reads nor changes it; empty: it may.
std::string distrusted(const struct stat& of) {
    const auto why = base::distrust(::geteuid(), {of.st_uid, of.st_gid, of.st_mode});
    return why ? "root does not act on a file that " + *why : std::string{};
}

std::optional<std::string> read_all(int fd, std::size_t most, std::string& error) {
    struct stat info{};
    std::string out;
    if (::fstat(fd, &info) == 0 && info.st_size > 0)
        out.reserve(std::min(static_cast<std::size_t>(info.st_size), most) + 1);
    std::array<char, 65536> chunk;
    for (;;) {
        const ssize_t n = ::read(fd, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            error = reason(errno);
            return std::nullopt;
        }
        if (n == 0)
            return out;
        out.append(chunk.data(), static_cast<std::size_t>(n));
        if (out.size() > most) {
            error = fmt::format("it is larger than {} MiB", most >> 20);
            return std::nullopt;
        }
    }
}

struct identity {
    dev_t device = 0;
    ino_t inode = 0;

    friend bool operator==(const identity&, const identity&) = default;
};

// Reads files and what they include, depth first.
class reader {
  public:
    explicit reader(base::diagnostics& to) : to_(to) {}

    std::vector<layer> layers;
    bool unread = false; ///< one that no other file names

    void read(const std::string& path, const base::location& named_at) {
        if (path.find('\0') != std::string::npos)
            return cannot_read(path, named_at, "the name holds a NUL");
        const base::descriptor file = open(path);
        struct stat info{};
        if (!file || ::fstat(file.get(), &info) != 0)
            return cannot_read(path, named_at, reason(errno));
        if (const std::string why = unreadable(info); !why.empty())
            return cannot_read(path, named_at, why);
        if (const std::string why = distrusted(info); !why.empty())
            return fail(path, named_at, why);
        const identity self{info.st_dev, info.st_ino};
        const auto met = std::find(open_.begin(), open_.end(), self);
        if (met != open_.end())
            return report_cycle(static_cast<std::size_t>(met - open_.begin()), path, named_at);
        if (layers.size() >= most_files)
            return fail(path, named_at, fmt::format("more than {} files", most_files));
        std::string error;
        auto text = read_all(file.get(), most_bytes, error);
        if (!text)
            return cannot_read(path, named_at, error);
        const layer fresh{path, std::move(*text)};
        layers.push_back(fresh);
        open_.push_back(self);
        names_.push_back(path);
        read_includes(*fresh.parsed());
        open_.pop_back();
        names_.pop_back();
    }

  private:
    void cannot_read(const std::string& path, const base::location& at, std::string_view why) {
        unread = unread || open_.empty();
        fail(path, at, why);
    }

    void fail(const std::string& path, const base::location& at, std::string_view why) {
        to_.error(at, fmt::format("cannot read '{}': {}", path, why));
    }

    void report_cycle(std::size_t from, const std::string& path, const base::location& at) {
        std::vector<std::string> chain(
            names_.begin() + static_cast<std::ptrdiff_t>(from), names_.end()
        );
        chain.push_back(path);
        to_.error(at, fmt::format("files include each other: {}", fmt::join(chain, " -> ")));
    }

    void read_includes(const document& of) {
        const entry* include = nullptr;
        for (const entry& one : of.entries)
            if (one.name == "include" && of.sections[one.section].name == "aio")
                include = &one;
        if (!include)
            return;
        for (const std::string_view line : base::lines(include->raw)) {
            const auto offset = static_cast<std::size_t>(line.data() - include->raw.data());
            const place where = of.place_of(*include, offset);
            if (const std::string_view pattern = base::strip(line); !pattern.empty())
                read_pattern(of, pattern, of.at(where.line, where.column));
        }
    }

    void read_pattern(const document& of, std::string_view pattern, const base::location& at) {
        const std::filesystem::path folder = std::filesystem::path{of.source->name}.parent_path();
        const std::string full = (folder / std::filesystem::path{pattern}).string();
        if (pattern.find_first_of("*?[") == std::string_view::npos)
            return read(full, at);
        glob_t found{};
        std::vector<std::string> paths;
        if (::glob(full.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
            paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
        ::globfree(&found);
        std::sort(paths.begin(), paths.end());
        for (const std::string& path : paths)
            read(path, at);
    }

    base::diagnostics& to_;
    std::vector<identity> open_;
    std::vector<std::string> names_;
};

} // namespace

std::span<const std::string_view> usual_places() noexcept {
    return places;
}

std::optional<std::string> find_usual_file() {
    for (const std::string_view one : places) {
        std::error_code ignored;
        if (std::filesystem::exists(one, ignored))
            return std::string{one};
    }
    return std::nullopt;
}

std::optional<std::string> read_file(const std::string& path, std::string& error, bool* unread) {
    const base::descriptor file = open(path);
    struct stat info{};
    if (!file || ::fstat(file.get(), &info) != 0)
        error = reason(errno);
    else
        error = unreadable(info);
    std::optional<std::string> text;
    if (const std::string why = error.empty() ? distrusted(info) : ""; !why.empty()) {
        error = why;
        return text;
    }
    if (error.empty())
        text = read_all(file.get(), most_bytes, error);
    if (unread)
        *unread = !text;
    return text;
}

std::optional<std::string> read_text(const std::string& path, std::string& error) {
    if (path.find('\0') != std::string::npos) {
        error = "the name holds a NUL";
        return std::nullopt;
    }
    const base::descriptor file = open(path);
    if (!file) {
        error = reason(errno);
        return std::nullopt;
    }
    auto text = read_all(file.get(), longest_result, error);
    if (text && base::find_invalid_utf8(*text) != std::string::npos) {
        error = "it is not UTF-8";
        return std::nullopt;
    }
    return text;
}

std::shared_ptr<const base::source>
read_source(const std::string& path, base::diagnostics& to, bool* unread) {
    std::string error;
    auto text = read_file(path, error, unread);
    if (!text) {
        to.error({}, fmt::format("cannot read '{}': {}", path, error));
        return nullptr;
    }
    return std::make_shared<const base::source>(path, std::move(*text));
}

std::vector<layer>
read_files(std::span<const std::string> paths, base::diagnostics& to, bool* unread) {
    reader all{to};
    for (const std::string& path : paths)
        all.read(path, {});
    if (unread)
        *unread = all.unread;
    return std::move(all.layers);
}

} // namespace aio::config
