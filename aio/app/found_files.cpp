#include <aio/app/found_files.hpp>
#include <aio/config/document.hpp>
#include <aio/log/spec.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace aio::app {

std::optional<std::string> suspicion_of(const std::string& path) {
    const std::filesystem::path whole_path(path);
    std::filesystem::path folder = whole_path.is_absolute() ? "/" : ".";
    for (const std::filesystem::path& name : whole_path.relative_path()) {
        struct stat around{};
        struct stat entry{};
        const std::filesystem::path whole = folder / name;
        if (::stat(folder.c_str(), &around) != 0)
            return std::nullopt; // an attempt to open it gives the reason
        const bool shared = (around.st_mode & S_IWOTH) != 0 && ::geteuid() != 0;
        if (::lstat(whole.c_str(), &entry) != 0) {
            if (!shared)
                return std::nullopt;
            return fmt::format(
                "'{}' has vanished, in a folder that everybody may write", name.string()
            );
        }
        if (shared && entry.st_uid != 0 && entry.st_uid != ::geteuid())
            return fmt::format(
                "'{}' belongs to user {}, in a folder that everybody may write",
                name.string(),
                entry.st_uid
            );
        folder = whole;
    }
    return std::nullopt;
}

bool refuse_planted(const std::string& path, base::diagnostics& problems) {
    const auto why = suspicion_of(path);
    if (why)
        problems.error(
            {},
            fmt::format("cannot trust '{}', which was found and not named: {}", path, *why),
            fmt::format("if you mean it, name it: aio -c {}", path)
        );
    return why.has_value();
}

void check_logging_overlay(const config::layer& overlay, base::diagnostics& problems) {
    const config::document& parsed = *overlay.parsed();
    for (const config::header& section : parsed.sections)
        if (section.line != 0 && !log::owns(section.name)) // [DEFAULT] may be there unwritten
            problems.error(
                parsed.at(section.line, section.column),
                fmt::format("[{}] does not belong in {}", section.name, overlay.source()->name),
                "it is read whatever file is named, and configures loggers, handlers and "
                "formatters only"
            );
}

} // namespace aio::app
