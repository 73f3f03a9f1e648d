#include <aio/app/tls_surroundings.hpp>
#include <aio/base/file_rights.hpp>
#include <aio/base/path_hint.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/base/trust.hpp>
#include <aio/net/certificate_end.hpp>
#include <aio/net/tls_rights.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::app {
namespace {

enum class wanted { file, file_or_folder };

/// Returns the errno of a failure that is certain for any user; otherwise 0.
int wrong_with_file(const std::string& path, wanted what) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0)
        return errno == EACCES ? 0 : errno;
    return S_ISDIR(found.st_mode) && what == wanted::file ? EISDIR : 0;
}

class checker {
  public:
    /// `lists`: the options of a server, where certificates and keys are lists; nullptr: a client.
    /// `judges`: this user reads the files.
    checker(
        const config::section& section,
        const config::options* lists,
        bool judges,
        const std::string& directory,
        base::diagnostics& problems
    )
        : section_(section), lists_(lists), judges_(judges), directory_(directory), to_(problems) {}

    void check() {
        for (const char* option : {"tls_certificate", "tls_key"})
            for (const path_of_list& each : paths(option))
                check_file(option, each);
        check_keys();
        if (const auto keys = path("tls_ticket_keys"))
            check_file("tls_ticket_keys", *keys);
        if (const auto ca = path("tls_ca")) {
            check_file("tls_ca", *ca, wanted::file_or_folder);
            check_trust("tls_ca", *ca);
        }
        check_certificates();
    }

  private:
    struct path_of_list {
        std::string path;
        base::location where;
    };

    std::vector<path_of_list> paths(const char* option) const {
        std::vector<path_of_list> all;
        if (!lists_) {
            if (auto single = path(option))
                all.push_back(std::move(*single));
            return all;
        }
        const auto list = lists_->find<base::list>(option).value_or(base::list{});
        const auto places = lists_->entries_where(option);
        for (std::size_t i = 0; i < list.size(); ++i)
            all.push_back({list[i], i < places.size() ? places[i] : lists_->where(option)});
        return all;
    }

    std::optional<path_of_list> path(const char* option) const {
        const config::value* written = section_.find(option);
        if (!written || !written->good)
            return std::nullopt;
        return path_of_list{std::string(base::strip(written->text)), written->text_where};
    }

    std::string resolved(const std::string& path) const {
        return (std::filesystem::path(directory_) / path).string();
    }

    void check_file(std::string_view option, const path_of_list& file, wanted what = wanted::file) {
        const int wrong = file.path.empty() ? 0 : wrong_with_file(resolved(file.path), what);
        if (wrong != 0)
            refuse(
                option,
                file,
                base::path_reason(wrong, resolved(file.path)),
                std::string(base::path_hint(file.path))
            );
    }

    void check_trust(std::string_view option, const path_of_list& file) {
        if (!judges_)
            return;
        if (std::string why = net::distrusted(resolved(file.path)); !why.empty())
            refuse(option, file, std::move(why), base::distrust_hint);
    }

    void check_keys() {
        const auto certificates = paths("tls_certificate"), keys = paths("tls_key");
        for (std::size_t i = 0; i < certificates.size(); ++i) {
            const bool inside = i >= keys.size();
            const char* const option = inside ? "tls_certificate" : "tls_key";
            const path_of_list& file = inside ? certificates[i] : keys[i];
            check_trust(option, file);
            if (base::everybody_may_read(resolved(file.path)))
                warn(option, file, std::string(net::exposed_key));
        }
    }

    void
    refuse(std::string_view option, const path_of_list& file, std::string why, std::string hint) {
        to_.error(
            file.where,
            fmt::format("[{}] {}: cannot read '{}': {}", section_.name(), option, file.path, why),
            std::move(hint)
        );
    }

    void warn(
        std::string_view option,
        const path_of_list& about,
        const std::string& what,
        const char* hint = ""
    ) {
        to_.warning(
            about.where,
            fmt::format("[{}] {}: '{}' {}", section_.name(), option, about.path, what),
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
                warn("tls_certificate", each, end);
            if (found->names.empty() && &each != &all.front())
                warn(
                    "tls_certificate",
                    each,
                    "is for no name, so no client is shown it",
                    "names are in its subjectAltName; without one it can only be the first"
                );
        }
    }

    const config::section& section_;
    const config::options* lists_;
    const bool judges_;
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
        checker(section, &spec.options, true, directory, problems).check();
}

void check_tls_files_of_client(
    const config::section& section,
    bool as_own_user,
    const std::string& directory,
    base::diagnostics& problems
) {
    checker(section, nullptr, as_own_user, directory, problems).check();
}

} // namespace aio::app
