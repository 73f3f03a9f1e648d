#include <aio/app/pid_file.hpp>
#include <aio/app/shared_files.hpp>
#include <aio/app/surroundings.hpp>
#include <aio/app/tls_surroundings.hpp>
#include <aio/base/cores.hpp>
#include <aio/base/path_hint.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/base/way.hpp>
#include <aio/log/check_targets.hpp>
#include <aio/server/spec.hpp>
#include <aio/service/common.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

namespace aio::app {
namespace {

namespace fs = std::filesystem;

/// Returns the errno of a failure that is certain for any user; otherwise 0.
int wrong_with_folder(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0)
        return errno == EACCES ? 0 : errno;
    return S_ISDIR(found.st_mode) ? 0 : ENOTDIR;
}

/// A server that binds, with its place.
struct listening {
    const config::section* section;
    server::spec spec;
};

class checker {
  public:
    checker(const plan& plan, const config::tree& from, base::diagnostics& problems)
        : plan_(plan), from_(from), to_(problems) {}

    void check() {
        check_loops();
        check_module_path();
        if (!folder_is_there())
            return;
        check_pid_file();
        check_shared_files(plan_, from_, to_);
        log::check_targets(plan_.logging, plan_.process.working_directory, plan_.identity, to_);
        for (const service::planned& one : plan_.services)
            if (one.common.section.starts_with("server/"))
                add_server(*from_.find(one.common.section));
            else if (one.common.section.starts_with("client/"))
                check_tls_files_of_client(
                    *from_.find(one.common.section),
                    !plan_.identity,
                    plan_.process.working_directory,
                    to_
                );
    }

  private:
    bool folder_is_there() {
        const std::string& folder = plan_.process.working_directory;
        const int wrong = folder.empty() ? 0 : wrong_with_folder(folder);
        if (wrong != 0)
            to_.error(
                from_.find("aio", "working_directory")->text_where,
                fmt::format(
                    "[aio] working_directory {}: {}", folder, base::path_reason(wrong, folder)
                ),
                std::string(base::path_hint(folder))
            );
        return wrong == 0;
    }

    /// A folder that is not there is no error, as modules may be installed later.
    void check_module_path() {
        const config::value* written = from_.find("aio", "module_path");
        for (const std::string& folder : plan_.process.module_path)
            if (const std::string_view hint = base::path_hint(folder); !hint.empty())
                to_.warning(
                    written->text_where,
                    fmt::format("[aio] module_path: '~' in '{}' is the name of a folder", folder),
                    std::string(hint)
                );
            else if (const int wrong = written ? wrong_with_folder(folder) : 0; wrong != 0)
                to_.warning(
                    written->text_where,
                    fmt::format(
                        "[aio] module_path {}: {}", folder, base::path_reason(wrong, folder)
                    ),
                    folder.find(':') != folder.npos ? "write one folder per line, without colons"
                                                    : ""
                );
    }

    void check_pid_file() {
        const std::string& path = plan_.process.pid_file;
        if (path.empty())
            return;
        const std::string wrong = wrong_with_pid_file(path, plan_.process.working_directory);
        if (!wrong.empty())
            to_.error(
                from_.find("aio", "pid_file")->text_where,
                fmt::format("[aio] pid_file {}: {}", path, wrong),
                std::string(base::path_hint(path))
            );
    }

    /// The warning that there are more loops than cores; empty: there are not. Reads files only for
    /// more than one loop.
    static std::string more_than_cores(std::string_view section, std::size_t loops) {
        if (loops <= 1)
            return {};
        const std::size_t cores = base::usable_cores();
        if (loops <= cores)
            return {};
        return fmt::format(
            "[{}] loops = {}: more threads than the {} usable CPU {}",
            section,
            loops,
            cores,
            cores == 1 ? "core" : "cores"
        );
    }

    void check_loops() {
        std::string excess = more_than_cores("aio", plan_.process.loops);
        if (!excess.empty())
            to_.warning(
                from_.find("aio", "loops")->text_where,
                std::move(excess),
                "loops = auto makes one for each core"
            );
    }

    void add_server(const config::section& section) {
        base::diagnostics said_already;
        listening fresh{
            &section,
            server::read_spec({section, nullptr, config::unknown::near_error, said_already})
        };
        check_tls_files(section, fresh.spec, plan_.process.working_directory, to_);
        check_loops(fresh);
        if (!fresh.spec.factory.empty())
            return; // a factory binds what it needs
        check_twice(fresh);
        for (const listening& other : servers_)
            if (check_pair(other, fresh))
                break;
        servers_.push_back(std::move(fresh));
    }

    void check_loops(const listening& handler) {
        if (handler.spec.loops > plan_.process.loops)
            to_.warning(
                handler.spec.options.where("loops"),
                fmt::format(
                    "[{}] loops = {}: limited to {} by [aio] loops",
                    handler.section->name(),
                    handler.spec.loops,
                    plan_.process.loops
                )
            );
        else if (std::string excess = more_than_cores(handler.section->name(), handler.spec.loops);
                 !excess.empty())
            to_.warning(
                handler.spec.options.where("loops"),
                std::move(excess),
                "loops = all uses all loops of [aio] loops"
            );
    }

    /// Unset is `*`: everything, v4 and v6.
    static std::vector<std::string> addresses(const net::bind_request& bind_request) {
        return bind_request.addresses.empty() ? std::vector<std::string>{"*"}
                                              : bind_request.addresses;
    }

    static bool overlap(const std::string& a, const std::string& b) {
        if (a == "*" || b == "*" || base::equal_ignoring_case(a, b))
            return true;
        const auto left = net::address::parse(a, 0), right = net::address::parse(b, 0);
        if (!left || !right || left->kind() != right->kind())
            return false;
        const auto any = net::address::parse(left->kind() == net::family::v6 ? "::" : "0.0.0.0", 0);
        return *left == *right || *left == *any || *right == *any;
    }

    void check_twice(const listening& handler) {
        const net::bind_request& where = handler.spec.where;
        const auto places = handler.spec.options.entries_where("address");
        if (net::is_unix(where.transport) || where.reuse_port)
            return;
        for (std::size_t i = 0; i < where.addresses.size(); ++i)
            for (std::size_t before = 0; before < i; ++before)
                if (overlap(where.addresses[before], where.addresses[i])) {
                    to_.error(
                        i < places.size() ? places[i] : handler.spec.options.where("address"),
                        fmt::format(
                            "[{}] address: {} is bound by {} already",
                            handler.section->name(),
                            where.addresses[i],
                            where.addresses[before]
                        )
                    );
                    break;
                }
    }

    /// Reports a conflict. Returns true when the second server cannot have its address.
    bool check_pair(const listening& first, const listening& second) {
        const net::bind_request &a = first.spec.where, &b = second.spec.where;
        if (net::is_unix(a.transport) != net::is_unix(b.transport))
            return false;
        const bool path = net::is_unix(a.transport);
        if (path ? !same_socket(a.path, b.path) : !same_port(a, b))
            return false;
        to_.error(
            second.section->find(path ? "path" : "port")->text_where,
            fmt::format(
                "[{}] {} is already used by [{}]",
                second.section->name(),
                path ? "path " + b.path : fmt::format("port {}", b.port),
                first.section->name()
            ),
            path || a.transport == net::transport_kind::udp
                ? ""
                : "servers can share a port if both set reuse_port = yes"
        );
        return true;
    }

    /// Whether two paths name one socket, which need not be there yet.
    bool same_socket(const std::string& a, const std::string& b) const {
        if (fs::path(a).filename() != fs::path(b).filename())
            return false;
        const auto place_of = [this](const std::string& path) {
            const base::way found =
                base::follow(path, plan_.process.working_directory, base::last_link::keep);
            return found.error == 0 ? found.path : path;
        };
        return a == b || place_of(a) == place_of(b);
    }

    static bool same_port(const net::bind_request& a, const net::bind_request& b) {
        if (a.transport != b.transport || a.port != b.port || a.port == 0 ||
            (a.reuse_port && b.reuse_port))
            return false;
        const auto left = addresses(a), right = addresses(b);
        return std::ranges::any_of(left, [&](const std::string& text) {
            return std::ranges::any_of(right, [&](const std::string& other) {
                return overlap(text, other);
            });
        });
    }

    const plan& plan_;
    const config::tree& from_;
    base::diagnostics& to_;
    std::vector<listening> servers_;
};

} // namespace

void check_surroundings(const plan& plan, const config::tree& from, base::diagnostics& problems) {
    checker(plan, from, problems).check();
}

} // namespace aio::app
