#include <aio/app/tls_surroundings.hpp>
#include <aio/base/path_hint.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/net/certificate_end.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

namespace aio::app {
namespace {

/// Returns the errno of a failure that is certain for any user; otherwise 0.
int wrong_with_file(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0)
        return errno == EACCES ? 0 : errno;
    return S_ISDIR(found.st_mode) ? EISDIR : 0;
}

class checker {
  public:
    checker(
        const config::section& section,
        const config::options& options,
        const std::string& directory,
        base::diagnostics& problems
    )
        : section_(section), options_(options), directory_(directory), to_(problems) {}

    void check() {
        for (const char* option : {"tls_certificate", "tls_key"})
            for (const path_of_list& each : paths(option))
                check_file(option, each.path, each.where);
        for (const char* option : {"tls_ca", "tls_ticket_keys"}) {
            const config::value* written = section_.find(option);
            if (written && written->good)
                check_file(option, std::string(base::strip(written->text)), written->text_where);
        }
        check_certificates();
    }

  private:
    struct path_of_list {
        std::string path;
        base::location where;
    };

    std::vector<path_of_list> paths(const char* option) const {
        const auto list = options_.find<base::list>(option).value_or(base::list{});
        const auto places = options_.entries_where(option);
        std::vector<path_of_list> all;
        for (std::size_t i = 0; i < list.size(); ++i)
            all.push_back({list[i], i < places.size() ? places[i] : options_.where(option)});
        return all;
    }

    std::string resolved(const std::string& path) const {
        return (std::filesystem::path(directory_) / path).string();
    }

    void check_file(std::string_view option, const std::string& path, const base::location& where) {
        const int wrong = path.empty() ? 0 : wrong_with_file(resolved(path));
        if (wrong != 0)
            to_.error(
                where,
                fmt::format(
                    "[{}] {}: cannot read '{}': {}",
                    section_.name(),
                    option,
                    path,
                    base::path_reason(wrong, resolved(path))
                ),
                std::string(base::path_hint(path))
            );
    }

    void warn(const path_of_list& about, const std::string& what, const char* hint = "") {
        to_.warning(
            about.where,
            fmt::format("[{}] tls_certificate: '{}' {}", section_.name(), about.path, what),
            hint
        );
    }

    void check_certificates() {
        const std::vector<path_of_list> all = paths("tls_certificate");
        for (const path_of_list& each : all) {
            const auto found = net::first_certificate(resolved(each.path));
            if (!found)
                continue;
            const auto now = std::chrono::system_clock::now();
            if (const std::string end = net::end_of_certificate(found->not_after, now);
                !end.empty())
                warn(each, end);
            if (found->names.empty() && &each != &all.front())
                warn(
                    each,
                    "is for no name, so no client is shown it",
                    "names are in its subjectAltName; without one it can only be the first"
                );
        }
    }

    const config::section& section_;
    const config::options& options_;
    const std::string& directory_;
    base::diagnostics& to_;
};

} // namespace

void check_tls_files(
    const config::section& section,
    const server::spec& spec,
    const std::string& directory,
    base::diagnostics& problems
) {
    if (spec.tls)
        checker(section, spec.options, directory, problems).check();
}

} // namespace aio::app
