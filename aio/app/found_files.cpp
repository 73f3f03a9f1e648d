#include <aio/app/found_files.hpp>
#include <aio/config/document.hpp>
#include <aio/log/spec.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace aio::app {

std::optional<std::string> suspicion_of(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();

    struct stat file{}, around{};

    if (::stat(path.c_str(), &file) != 0 ||
        ::stat(folder.empty() ? "." : folder.c_str(), &around) != 0)
        return std::nullopt; // an attempt to open it gives the reason
    const uid_t user = ::geteuid();
    if (file.st_uid == 0 || file.st_uid == user || user == 0 || (around.st_mode & S_IWOTH) == 0)
        return std::nullopt;
    return fmt::format("it belongs to user {}, in a folder that everybody may write", file.st_uid);
}

void check_logging_overlay(const config::layer& overlay, base::diagnostics& problems) {
    const config::document& parsed = *overlay.parsed();
    for (const config::header& section : parsed.sections)
        if (section.name != config::default_section && !log::owns(section.name))
            problems.error(
                parsed.at(section.line, section.column),
                fmt::format("[{}] does not belong in {}", section.name, overlay.source()->name),
                "it is read whatever file is named, and configures loggers, handlers and "
                "formatters only"
            );
}

} // namespace aio::app
