#include <aio/app/patient_servers.hpp>
#include <aio/base/text.hpp>
#include <aio/server/spec.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aio::app {

namespace {

/// Names in a message.
constexpr std::size_t most_named = 3;

bool is_beyond_loopback(const std::string& address) {
    if (address == "*")
        return true;
    const auto literal = net::address::parse(address, 0);
    return literal && !literal->loopback();
}

bool is_patient(const config::section& section) {
    base::diagnostics said_already;
    const server::spec spec =
        server::read_spec({section, nullptr, config::unknown::near_error, said_already});
    const net::bind_request& where = spec.where;
    return where.transport == net::transport_kind::tcp && !spec.limits.idle_timeout &&
           (where.addresses.empty() || std::ranges::any_of(where.addresses, is_beyond_loopback));
}

/// The servers of one file.
struct found {
    base::location where;
    std::vector<std::string> names;
};

std::string text_of(const found& all) {
    const std::size_t count = all.names.size();
    const std::size_t named = std::min(count, most_named);
    const std::span shown = std::span(all.names).first(named);
    return fmt::format(
        "{} beyond loopback without idle_timeout: {}{}",
        count == 1 ? "a server listens" : fmt::format("{} servers listen", count),
        fmt::join(shown, ", "),
        count == named ? "" : fmt::format(" and {} more", count - named)
    );
}

} // namespace

void warn_of_patient_servers(
    const plan& planned, const config::tree& from, base::diagnostics& problems
) {
    std::vector<found> files;
    for (const service::planned& each : planned.services) {
        if (!each.common.section.starts_with("server/"))
            continue;
        const config::section& section = *from.find(each.common.section);
        if (!is_patient(section))
            continue;
        auto file = std::ranges::find(files, section.where().from, [](const found& one) {
            return one.where.from;
        });
        if (file == files.end())
            file = files.insert(files.end(), {section.where(), {}});
        file->names.push_back(each.common.section);
    }
    for (const found& each : files)
        problems.warning(
            each.where,
            text_of(each),
            "a silent client keeps its connection; idle_timeout = 5m ends it"
        );
}

} // namespace aio::app
