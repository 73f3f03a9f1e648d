#include <aio/app/tls_contents.hpp>
#include <aio/client/spec.hpp>
#include <aio/net/tls_files.hpp>
#include <aio/net/tls_rights.hpp>
#include <aio/server/spec.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace aio::app {
namespace {

class checker {
  public:
    checker(
        const config::section& section, const std::string& directory, base::diagnostics& problems
    )
        : section_(section), directory_(directory), to_(problems) {}

    void check_server() {
        const server::spec spec = server::read_spec(source());
        if (!spec.tls)
            return;
        net::tls_options all = *spec.tls;
        resolve(all.certificate), resolve(all.key), resolve(all.ca), resolve(all.ticket_keys);
        for (net::certificate_files& each : all.others)
            resolve(each.certificate), resolve(each.key);
        if (!may_be_read(all.files()))
            return;
        const auto places = spec.options.entries_where("tls_certificate");
        const std::vector<net::certificate_files> certificates = all.certificates();
        bool good = true;
        for (std::size_t i = 0; i < certificates.size(); ++i)
            good &= loads(places.at(i), [&] {
                net::tls_options alone;
                alone.certificate = certificates[i].certificate;
                alone.key = certificates[i].key;
                net::tls_context::server(alone);
            });
        if (good)
            loads(places.front(), [&] { net::tls_context::server(all); });
    }

    void check_client() {
        const client::spec spec = client::read_spec(source());
        if (!spec.tls)
            return;
        net::tls_client_rules rules = spec.how.tls().rules();
        resolve(rules.certificate), resolve(rules.key), resolve(rules.ca);
        if (may_be_read(rules.files()))
            loads(place_of_client(), [&] { net::tls_context::client(rules); });
    }

  private:
    service::section_source source() {
        return {section_, nullptr, config::unknown::near_error, said_already_};
    }

    void resolve(std::string& path) const {
        if (!path.empty())
            path = (std::filesystem::path(directory_) / path).string();
    }

    static bool may_be_read(const std::vector<std::string>& files) {
        return net::can_be_watched(net::stamps_of(files)) &&
               std::ranges::all_of(files, [](const std::string& file) {
                   return net::distrusted(file).empty();
               });
    }

    base::location place_of_client() const {
        for (const char* option : {"tls_certificate", "tls_ca"})
            if (const config::value* written = section_.find(option))
                return written->text_where;
        return section_.where();
    }

    template <typename F>
    bool loads(const base::location& where, F load) {
        try {
            load();
            return true;
        } catch (const std::system_error&) {
            return false;
        } catch (const std::runtime_error& e) {
            to_.error(where, fmt::format("[{}] {}", section_.name(), e.what()));
            return false;
        }
    }

    const config::section& section_;
    const std::string& directory_;
    base::diagnostics& to_;
    base::diagnostics said_already_;
};

} // namespace

void check_tls_contents(
    const plan& planned, const config::tree& from, base::diagnostics& problems
) {
    for (const service::planned& each : planned.services) {
        const std::string& name = each.common.section;
        if (!name.starts_with("server/") && !name.starts_with("client/"))
            continue;
        checker one(*from.find(name), planned.process.working_directory, problems);
        if (name.starts_with("server/"))
            one.check_server();
        else
            one.check_client();
    }
}

} // namespace aio::app
