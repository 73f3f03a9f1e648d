#include <aio/app/found_files.hpp>
#include <aio/config/document.hpp>
#include <aio/log/spec.hpp>

#include <fmt/format.h>

namespace aio::app {

bool check_logging_overlay(const config::layer& overlay, base::diagnostics& problems) {
    const config::document& parsed = *overlay.parsed();
    bool good = true;
    for (const config::header& section : parsed.sections) {
        if (section.line == 0 || log::owns(section.name)) // [DEFAULT] may be there unwritten
            continue;
        good = false;
        problems.error(
            parsed.at(section.line, section.column),
            fmt::format("[{}] does not belong in {}", section.name, overlay.source()->name),
            "it is read whatever file is named, and configures loggers, handlers and formatters "
            "only"
        );
    }
    return good;
}

} // namespace aio::app
