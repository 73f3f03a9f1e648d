#include <aio/app/tls_contents.hpp>
#include <aio/client/spec.hpp>
#include <aio/net/tls_files.hpp>
#include <aio/net/tls_rights.hpp>
#include <aio/net/tls_tickets.hpp>
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
        const auto places = spec.options.entries_where("tls_certificate");
        const std::vector<net::certificate_files> certificates = all.certificates();
        bool good = loads_authorities(all.ca);
        for (std::size_t i = 0; i < certificates.size(); ++i) {
            net::tls_options alone;
            alone.certificate = certificates[i].certificate;
            alone.key = certificates[i].key;
            good &= loads(i < places.size() ? places[i] : section_.where(), alone.files(), [&] {
                net::tls_context::server(alone);
            });
        }
        good &= loads(place_of("tls_ticket_keys"), {all.ticket_keys}, [&] {
            if (!all.ticket_keys.empty())
                net::load_ticket_keys(all.ticket_keys);
        });
        if (good)
            loads(place_of("tls_certificate"), all.files(), [&] { net::tls_context::server(all); });
    }

    void check_client() {
        const client::spec spec = client::read_spec(source());
        if (!spec.tls)
            return;
        net::tls_client_rules rules = spec.how.tls().rules();
        resolve(rules.certificate), resolve(rules.key), resolve(rules.ca);
        if (rules.verify == net::tls_verify::yes)
            loads_authorities(rules.ca);
        rules.verify = net::tls_verify::no;
        rules.ca.clear();
        loads(place_of("tls_certificate"), rules.files(), [&] { net::tls_context::client(rules); });
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
                   return file.empty() || net::distrusted(file).empty();
               });
    }

    base::location place_of(const char* option) const {
        const config::value* written = section_.find(option);
        return written ? written->text_where : section_.where();
    }

    bool loads_authorities(const std::string& ca) {
        net::tls_client_rules rules;
        rules.ca = ca;
        return ca.empty() ||
               loads(place_of("tls_ca"), {ca}, [&] { net::tls_context::client(rules); });
    }

    /// False also for what a check leaves out.
    template <typename F>
    bool loads(const base::location& where, const std::vector<std::string>& files, F load) {
        if (!may_be_read(files))
            return false;
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
