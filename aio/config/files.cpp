#include <aio/base/path_hint.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/base/trust.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/absence.hpp>
#include <aio/config/document.hpp>
#include <aio/config/encoding.hpp>
#include <aio/config/files.hpp>
#include <aio/config/interpolate.hpp>
#include <aio/config/pattern.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace aio::config {

namespace {

constexpr std::array<std::string_view, 4> places{
    "aio.conf", "etc/aio.conf", "/etc/aio/aio.conf", "/etc/aio.conf"
};
constexpr std::size_t most_files = 1000;
constexpr std::size_t most_bytes = std::size_t{64} << 20;

bool is_unread(base::input_file::failure why) noexcept {
    return why == base::input_file::failure::unreadable;
}

const char* hint_for(base::input_file::failure why, std::string_view path) noexcept {
    if (path == "-")
        return "standard input is /dev/stdin";
    return why == base::input_file::failure::distrusted ? base::distrust_hint : "";
}

const char* hint_for_planted(std::string_view found) noexcept {
    return is_pattern(found)
               ? "a pattern has found it; if you mean it, give it a name without *, ? and […]"
               : "a pattern has found it; if you mean it, include it by its name";
}

struct identity {
    dev_t device = 0;
    ino_t inode = 0;

    friend bool operator==(const identity&, const identity&) = default;
};

std::string passed_over(const std::vector<std::string>& hidden, std::string_view place) {
    return fmt::format(
        "cannot look for {}: {}; '{}' is read",
        fmt::join(hidden, " and "),
        base::system_reason(EACCES),
        place
    );
}

// Reads files and what they include, depth first.
class reader {
  public:
    explicit reader(base::diagnostics& problems, includes how = includes::followed)
        : to_(problems), includes_(how) {}

    std::vector<layer> layers;
    bool unread = false; ///< a file that no other file names could not be read

    /// `written` is the path as the user wrote it.
    void read(
        const std::string& path,
        const base::location& named_at,
        std::string_view written,
        base::provenance how = {}
    ) {
        base::input_file file{path, {}, how};
        read(file, path, named_at, written, std::string_view(path).substr(how.named));
    }

    /// `found` is the part of the path that the user has not named, of a file that was found.
    void read(
        base::input_file& file,
        const std::string& path,
        const base::location& named_at,
        std::string_view written,
        std::string_view found = {}
    ) {
        if (!file.error().empty())
            return cannot_read(file, path, named_at, written, found);
        const identity self{file.device(), file.inode()};
        const auto met = std::find(open_.begin(), open_.end(), self);
        if (met != open_.end())
            return report_cycle(static_cast<std::size_t>(met - open_.begin()), path, named_at);
        if (layers.size() >= most_files)
            return fail(path, named_at, fmt::format("more than {} files", most_files));
        auto text = file.read(most_bytes);
        if (!text)
            return cannot_read(file, path, named_at, written, found);
        const layer fresh{path, std::move(*text)};
        layers.push_back(fresh);
        open_.push_back(self);
        names_.push_back(path);
        if (includes_ == includes::followed)
            read_includes(*fresh.parsed());
        open_.pop_back();
        names_.pop_back();
    }

  private:
    void cannot_read(
        const base::input_file& file,
        const std::string& path,
        const base::location& named_at,
        std::string_view written,
        std::string_view found
    ) {
        unread = unread || (is_unread(file.failed()) && open_.empty());
        const bool planted = file.failed() == base::input_file::failure::planted;
        const std::string_view hint =
            planted ? hint_for_planted(found) : hint_for(file.failed(), path);
        fail(path, named_at, file.error(), hint.empty() ? base::path_hint(written) : hint);
    }

    void fail(
        const std::string& path,
        const base::location& origin,
        std::string_view why,
        std::string_view hint = {}
    ) {
        to_.error(origin, fmt::format("cannot read '{}': {}", path, why), std::string(hint));
    }

    void report_cycle(std::size_t from, const std::string& path, const base::location& origin) {
        std::vector<std::string> chain(
            names_.begin() + static_cast<std::ptrdiff_t>(from), names_.end()
        );
        chain.push_back(path);
        to_.error(origin, fmt::format("files include each other: {}", fmt::join(chain, " -> ")));
    }

    void read_includes(const document& parsed) {
        const entry* include = nullptr;
        for (const entry& one : parsed.entries)
            if (one.name == "include" && parsed.sections[one.section].name == "aio")
                include = &one;
        if (!include)
            return;
        for (const std::string_view line : base::lines(include->raw)) {
            const auto offset = static_cast<std::size_t>(line.data() - include->raw.data());
            const place where = parsed.place_of(*include, offset);
            if (const std::string_view pattern = base::strip(line); !pattern.empty())
                read_pattern(parsed, pattern, parsed.at(where.line, where.column));
        }
    }

    void
    read_pattern(const document& parsed, std::string_view pattern, const base::location& origin) {
        const std::filesystem::path folder =
            std::filesystem::path{parsed.source->name}.parent_path();
        if (pattern.find('\0') != std::string_view::npos)
            return fail(std::string{pattern}, origin, "the name holds a NUL");
        if (!is_pattern(pattern))
            return read((folder / std::filesystem::path{pattern}).string(), origin, pattern);
        const matches found = match_files(folder, pattern);
        for (const auto& [where, why] : found.failures)
            to_.error(origin, fmt::format("cannot look into '{}': {}", where, why));
        if (!found.absent_folder.empty())
            to_.warning(
                origin,
                fmt::format("nothing is included: there is no folder '{}'", found.absent_folder),
                std::string(base::path_hint(pattern))
            );
        else if (found.paths.empty() && found.failures.empty() && is_misread(pattern))
            to_.warning(
                origin,
                fmt::format("nothing is included: no file matches '{}'", pattern),
                "write one name per line, without commas, quotes and comments"
            );
        const auto how = base::provenance::found(named_part(folder, pattern).size());
        for (const std::string& path : found.paths)
            read(path, origin, path, how);
    }

    /// As other systems write lists and comments.
    static bool is_misread(std::string_view pattern) noexcept {
        const auto first = pattern.find_first_of("*?[");
        return pattern.find_first_of(",;#\"'") != std::string_view::npos ||
               pattern.find_first_of(" \t:", first) != std::string_view::npos;
    }

    base::diagnostics& to_;
    includes includes_;
    std::vector<identity> open_;
    std::vector<std::string> names_;
};

} // namespace

std::span<const std::string_view> usual_places() noexcept {
    return places;
}

std::optional<std::string>
first_found(std::span<const std::string_view> searched, base::diagnostics* problems) {
    std::vector<std::string> hidden;
    for (const std::string_view place : searched) {
        const presence found = usual_presence_of(place);
        if (found == presence::hidden)
            hidden.push_back(fmt::format("'{}'", place));
        if (found != presence::there)
            continue;
        if (problems && !hidden.empty())
            problems->warning({}, passed_over(hidden, place));
        return std::string{place};
    }
    for (const std::string_view place : searched)
        if (usual_presence_of(place) == presence::hidden)
            return std::string{place};
    return std::nullopt;
}

std::optional<std::string> find_usual_file(base::diagnostics* problems) {
    return first_found(places, problems);
}

std::optional<std::string> read_text(const std::string& path, std::string& error) {
    base::input_file file{path};
    std::optional<std::string> text;
    if (file.error().empty())
        text = file.read(longest_result);
    error = file.error();
    if (!text)
        return text;
    if (text->starts_with(base::byte_order_mark))
        text->erase(0, base::byte_order_mark.size());
    if (error = no_text(*text); !error.empty())
        text.reset();
    return text;
}

text_reader::text_reader() : pipes_(std::make_shared<known_pipes>()) {}

std::optional<std::string>
text_reader::operator()(const std::string& path, std::string& error) const {
    struct stat found{};

    const bool pipe = ::stat(path.c_str(), &found) == 0 && S_ISFIFO(found.st_mode);
    if (!pipe)
        return read_text(path, error);
    const auto [known, fresh] = pipes_->try_emplace(path);
    if (fresh)
        known->second.text = read_text(path, known->second.error);
    error = known->second.error;
    return known->second.text;
}

std::shared_ptr<const base::source> read_source(
    const std::string& path, base::diagnostics& problems, bool* unread, base::provenance how
) {
    base::input_file file{path, {}, how};
    std::optional<std::string> text;
    if (file.error().empty())
        text = file.read(most_bytes);
    if (unread)
        *unread = is_unread(file.failed());
    if (file.failed() == base::input_file::failure::planted) {
        refuse_planted(path, file.error(), problems);
        return nullptr;
    }
    if (!text) {
        problems.error(
            {},
            fmt::format("cannot read '{}': {}", path, file.error()),
            hint_for(file.failed(), path)
        );
        return nullptr;
    }
    return std::make_shared<const base::source>(path, std::move(*text));
}

std::vector<layer>
read_files(std::span<const std::string> paths, base::diagnostics& problems, bool* unread) {
    reader all{problems};
    for (const std::string& path : paths)
        all.read(path, {}, path);
    if (unread)
        *unread = all.unread;
    return std::move(all.layers);
}

found_file read_found(const std::string& path, base::diagnostics& problems, includes how) {
    found_file out;
    base::input_file file{path, {}, base::provenance::found()};
    if (file.failed() == base::input_file::failure::planted) {
        out.planted = file.error();
        return out;
    }
    reader all{problems, how};
    all.read(file, path, {}, path);
    out.unread = all.unread;
    out.layers = std::move(all.layers);
    return out;
}

void refuse_planted(const std::string& path, std::string_view why, base::diagnostics& problems) {
    problems.error(
        {},
        fmt::format("cannot trust '{}', which nobody has named: {}", path, why),
        fmt::format("if you mean it, name it: aio -c {}", path)
    );
}

} // namespace aio::config
