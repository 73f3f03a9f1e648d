#include <aio/base/path_hint.hpp>
#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/base/visible.hpp>
#include <aio/process/argument_limit.hpp>
#include <aio/process/ending.hpp>
#include <aio/process/environment.hpp>
#include <aio/process/executable.hpp>
#include <aio/process/spec.hpp>
#include <aio/process/words.hpp>
#include <aio/service/common.hpp>
#include <aio/service/section_reader.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace aio::process {

namespace {

config::schema declare() {
    using config::type;
    config::schema s;
    s.add("command", type::string, "program and arguments, quoted as in a shell").required();
    s.option("shell", false, "yes: run the command by /bin/sh -c");
    s.option("count", 1, "number of processes; each has its own AIO_PROCESS_INDEX")
        .least(1)
        .most(1000);
    s.option("stop_signal", "TERM", "signal of a stop; KILL follows after stop_timeout");
    s.option(
        "stop_group",
        true,
        "signals go to the process group, a stop waits for the group, and the rest of the group is "
        "killed when the process or aio has ended; no: programs that the process started survive, "
        "but their output is not read any more"
    );
    s.add("env", type::list, "NAME=VALUE, one per line, added to the environment");
    s.option("inherit_env", true, "no: the environment contains only env");
    s.add("user", type::string, "user of the process, a name or a number; needs root").filled();
    s.add("group", type::string, "group of the process; default: that of user; needs root")
        .filled();
    s.add("working_directory", type::string, "folder of the process; default: that of aio");
    return s;
}

const config::schema nothing_more;

class reader : service::section_reader {
  public:
    reader(const config::section& section, const service::planning& plan)
        : section_reader(
              {section, &nothing_more, config::unknown::error, *plan.problems}, options()
          ),
          plan_(plan) {}

    spec read() {
        spec out;
        out.common = service::read_common(from_, typed_, to_);
        out.count = static_cast<std::size_t>(typed_.get<std::int64_t>("count"));
        out.signalled = typed_.get<bool>("stop_group") ? reach::group : reach::process;
        read_signal(out);
        read_environment(out);
        read_user(out);
        read_directory(out);
        read_command(out);
        return out;
    }

  private:
    /// No program can handle the first, and none takes the others for a request to end.
    static bool ends_nothing(int signal) noexcept {
        return signal == SIGSTOP || signal == SIGCONT || signal == SIGCHLD || signal == SIGTSTP ||
               signal == SIGTTIN || signal == SIGTTOU;
    }

    void read_signal(spec& out) {
        const std::string name{base::strip(typed_.get<std::string>("stop_signal"))};
        const auto number = signal_number(name);
        if (!number || ends_nothing(*number))
            error(
                "stop_signal",
                number
                    ? fmt::format("[{}] stop_signal: {} ends no process", from_.name(), name)
                    : fmt::format("[{}] stop_signal: there is no signal '{}'", from_.name(), name),
                "such as TERM, INT, QUIT, HUP or USR1"
            );
        out.stop_signal = number.value_or(0);
    }

    void read_environment(spec& out) {
        out.inherits = typed_.get<bool>("inherit_env");
        out.environment = typed_.find<base::list>("env").value_or(base::list{});
        const auto places = typed_.entries_where("env");
        for (std::size_t i = 0; i < out.environment.size(); ++i) {
            const base::location place = i < places.size() ? places[i] : typed_.where("env");
            const std::string& entry = out.environment[i];
            const std::size_t equals = entry.find('=');
            if (equals == 0 || equals == std::string::npos)
                to_.error(place, fmt::format("[{}] env: an entry is not NAME=VALUE", from_.name()));
            else if (entry.size() > longest_argument())
                to_.error(
                    place,
                    fmt::format(
                        "[{}] env: {} has {} bytes with its name; one variable may have {}",
                        from_.name(),
                        entry.substr(0, equals),
                        entry.size(),
                        longest_argument()
                    )
                );
        }
    }

    void read_user(spec& out) {
        const std::string user = text("user"), group = text("group");
        base::identity who = plan_.who;
        who.user_name.clear(); // with a group alone it has no other groups
        if (!user.empty()) {
            auto found = base::find_user(user);
            if (!found)
                error("user", fmt::format("[{}] user: there is no user '{}'", from_.name(), user));
            who = std::move(found).value_or(std::move(who));
        }
        if (!group.empty()) {
            const auto found = base::find_group(group);
            if (!found)
                error(
                    "group", fmt::format("[{}] group: there is no group '{}'", from_.name(), group)
                );
            who.group = found.value_or(who.group);
        }
        if (who.user == plan_.who.user && who.group == plan_.who.group)
            return;
        if (plan_.who.user != 0)
            return error(
                user.empty() ? "group" : "user",
                fmt::format(
                    "[{}] only root can run a process as another user or group", from_.name()
                ),
                ::geteuid() == 0 ? "aio has become the [aio] user when it starts its processes"
                                 : "start aio as root, or drop the option"
            );
        out.groups = base::groups_of(who);
        out.as = std::move(who);
    }

    void read_directory(spec& out) {
        out.directory = text("working_directory");
        const std::string whole = folder_of(out);
        struct stat found{};
        if (out.directory.empty() || (::stat(whole.c_str(), &found) == 0 && S_ISDIR(found.st_mode)))
            return;
        error(
            "working_directory",
            fmt::format("[{}] working_directory: there is no folder '{}'", from_.name(), whole),
            std::string(base::path_hint(out.directory))
        );
    }

    void read_command(spec& out) {
        const config::value* written = from_.find("command");
        if (!written || !written->good)
            return;
        if (typed_.get<bool>("shell")) {
            if (base::strip(written->text).empty())
                return nothing_to_run();
            refuse_too_long(*written, written->text, 0);
            out.arguments = {"/bin/sh", "-c", written->text};
            out.shown = "/bin/sh";
            return;
        }
        const words split = split_words(written->text);
        if (split.error)
            return to_.error(
                from_.place_of(*written, split.error->offset),
                fmt::format("[{}] command: {}", from_.name(), split.error->text)
            );
        if (split.all.empty() || split.all.front().empty())
            return nothing_to_run();
        if (split.shell_character)
            warn_of_shell(*written, split);
        warn_of_other_blanks(*written, split);
        for (std::size_t i = 0; i < split.all.size(); ++i)
            refuse_too_long(*written, split.all[i], split.offsets[i]);
        out.arguments = split.all;
        out.shown =
            written->secret ? std::string{base::secret_mask} : std::string{split.all.front()};
        find(out);
    }

    void nothing_to_run() { error("command", fmt::format("[{}] command is empty", from_.name())); }

    /// `offset`: where the argument begins in the value.
    void
    refuse_too_long(const config::value& written, const std::string& argument, std::size_t offset) {
        if (argument.size() > longest_argument())
            to_.error(
                from_.place_of(written, offset),
                fmt::format(
                    "[{}] command: an argument of {} bytes; one argument of a program may have {}",
                    from_.name(),
                    argument.size(),
                    longest_argument()
                ),
                "write it into a file, such as a script that the command names"
            );
    }

    void warn_of_shell(const config::value& written, const words& split) {
        to_.warning(
            from_.place_of(written, split.shell_offset),
            fmt::format(
                "[{}] command: '{}' means nothing without a shell",
                from_.name(),
                split.shell_character
            ),
            "shell = yes runs the command by /bin/sh; in quotes it is an ordinary character"
        );
    }

    /// Only the blanks of a shell separate words; others look the same.
    void warn_of_other_blanks(const config::value& written, const words& split) {
        for (const std::string& word : split.all)
            for (std::size_t at = 0; at < word.size();) {
                const base::code_point c = base::decode(word, at);
                if (base::is_blank(c.value) && base::is_invisible(c.value))
                    return to_.warning(
                        from_.place_of(written, 0),
                        fmt::format(
                            "[{}] command: a {} is part of a word and separates nothing",
                            from_.name(),
                            base::name_of_invisible(c.value)
                        )
                    );
                at += c.bytes;
            }
    }

    std::string folder_of(const spec& out) const {
        return out.directory.empty() ? plan_.directory : path_in(plan_.directory, out.directory);
    }

    void find(const spec& out) {
        const std::vector<std::string> all = environment_of(out, 0);
        const char* search = value_of(all, "PATH");
        const std::string& named = out.arguments.front();
        const bool path = named.find('/') != named.npos;
        const std::string found = path ? named : find_program(named, search, folder_of(out));
        if (found.empty())
            return refuse(fmt::format("there is no program '{}' in PATH", out.shown), {});
        auto why = obstacle_to(found, folder_of(out), search);
        if (!why)
            return;
        if (why->kind == obstacle_kind::possible)
            return to_.warning(
                typed_.where("command"),
                fmt::format("[{}] command: '{}' {}", from_.name(), out.shown, why->text),
                std::move(why->hint)
            );
        if (why->kind == obstacle_kind::missing)
            return refuse(
                fmt::format("there is no program '{}'", out.shown),
                std::string(base::path_hint(named))
            );
        refuse(fmt::format("'{}' {}", out.shown, why->text), std::move(why->hint));
    }

    void refuse(const std::string& text, std::string hint) {
        error("command", fmt::format("[{}] command: {}", from_.name(), text), std::move(hint));
    }

    const service::planning& plan_;
};

} // namespace

const config::schema& options() {
    static const config::schema all = declare();
    return all;
}

spec read_spec(const config::section& section, const service::planning& plan) {
    return reader{section, plan}.read();
}

std::vector<std::string> environment_of(const spec& section, std::size_t index) {
    return child_environment(
        section.inherits ? ::environ : nullptr,
        section.as ? &*section.as : nullptr,
        section.environment,
        index,
        section.count
    );
}

} // namespace aio::process
