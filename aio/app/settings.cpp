#include <aio/app/module_names.hpp>
#include <aio/app/settings.hpp>
#include <aio/base/cores.hpp>
#include <aio/config/options.hpp>

#include <charconv>

namespace aio::app {

using namespace std::chrono_literals;

const config::schema& settings_schema() {
    static const config::schema all = [] {
        using config::type;
        config::schema s;
        s.option("builtin", base::list{"aio.app"}, "modules whose aio.conf is read first");
        s.option("modules", base::list{}, "modules to load, and whose aio.conf is read");
        s.option(
            "module_path",
            base::list{},
            "folders with modules, searched before the folder of the installation"
        );
        s.add(
            "include",
            type::list,
            "further files, which override this one; the matches of a pattern are sorted"
        );
        s.option(
            "strict",
            false,
            "yes: an option that the function of a section does not declare is an error"
        );
        s.option("log_level", "INFO", "trace, debug, info, warning, error, critical or off");
        s.add("log_file", type::string, "file of the log; default: standard output");
        s.add("log_handlers", type::list, "names of [handler_*] sections for the root logger");
        s.option(
            "log_format",
            base::choice{"plain", {"plain", "stream", "color", "json", "syslog", "journald"}},
            "format and destination of the log"
        );
        s.option("loops", 1, "event loops, one thread each; auto: one per usable core")
            .least(1)
            .most(1024);
        s.words({"auto"});
        s.option(
            "stop_timeout",
            30s,
            "time limit of the whole stop; in its last fifth, at most 1s, work that still runs is "
            "cancelled"
        );
        s.words({"none"});
        s.add(
            "pid_file",
            type::string,
            "file with the process id, locked while the app runs; it belongs to root, also with "
            "user"
        );
        s.add(
             "user",
             type::string,
             "user of the process after its sockets are bound, with its HOME, USER, LOGNAME and "
             "SHELL; needs root"
        )
            .filled();
        s.add("group", type::string, "group of the process after its sockets are bound; needs root")
            .filled();
        s.add("umask", type::string, "file mode mask, octal");
        s.add(
            "working_directory",
            type::string,
            "folder of relative paths; default: the folder in which aio was started"
        );
        s.option(
             "blocking_timeout",
             1s,
             "a loop that is blocked longer is reported with its stack, which may interrupt its "
             "system call (EINTR)"
        )
            .least(0.001);
        s.words({"none"});
        s.option("worker_threads", 4, "maximum number of threads for blocking calls")
            .least(1)
            .most(4096);
        s.option("resolver_threads", 4, "names that are looked up at the same time")
            .least(1)
            .most(4096);
        s.option("resolver_timeout", 10s, "a client waits at most this long for a name")
            .least(0.001);
        s.option("resolver_cache", 5s, "how long the addresses of a name are used again");
        s.option(
             "reserve_files",
             64,
             "open files that servers leave free for other work, beside what processes need to "
             "start again; a quarter of ulimit -n at most"
        )
            .least(0);
        return s;
    }();
    return all;
}

namespace {

std::optional<unsigned> octal(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
    if (error != std::errc{} || end != text.data() + text.size() || value > 0777)
        return std::nullopt;
    return value;
}

} // namespace

settings read_settings(const config::tree& from, base::diagnostics& problems) {
    const config::schema* by[] = {&settings_schema()};
    const config::section* written = from.find("aio");
    const config::options all = written
                                    ? config::read(*written, by, config::unknown::error, problems)
                                    : config::defaults("aio", by);
    settings s;
    s.builtin = read_module_names(all, "builtin").names;
    module_names modules = read_module_names(all, "modules");
    s.modules = std::move(modules.names);
    s.modules_where = std::move(modules.where);
    s.module_path = all.get<base::list>("module_path");
    s.strict = all.get<bool>("strict");
    s.loops = all.word("loops") == "auto"
                  ? base::usable_cores()
                  : static_cast<std::size_t>(all.get<std::int64_t>("loops"));
    s.worker_threads = static_cast<std::size_t>(all.get<std::int64_t>("worker_threads"));
    s.resolver_threads = static_cast<std::size_t>(all.get<std::int64_t>("resolver_threads"));
    s.resolver_timeout = all.get<base::duration>("resolver_timeout");
    s.resolver_cache = all.get<base::duration>("resolver_cache");
    s.reserve_files = static_cast<std::size_t>(all.get<std::int64_t>("reserve_files"));
    s.stop_timeout = all.find<base::duration>("stop_timeout");
    s.blocking_timeout = all.find<base::duration>("blocking_timeout");
    s.log_file = all.find<std::string>("log_file").value_or("");
    s.pid_file = all.find<std::string>("pid_file").value_or("");
    s.user = all.find<std::string>("user").value_or("");
    s.group = all.find<std::string>("group").value_or("");
    s.working_directory = all.find<std::string>("working_directory").value_or("");
    if (const auto mask = all.find<std::string>("umask")) {
        s.umask = octal(*mask);
        if (!s.umask)
            problems.error(
                written->find("umask")->text_where,
                "[aio] umask: '" + *mask + "' is not an octal file mode mask",
                "write it like 022 or 0077"
            );
    }
    return s;
}

} // namespace aio::app
