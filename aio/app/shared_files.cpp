#include <aio/app/shared_files.hpp>
#include <aio/base/way.hpp>
#include <aio/log/check_targets.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::app {
namespace {

enum class role { input, log, pid_file, socket };

struct file_use {
    role as = role::input;
    std::string title; ///< "[aio] pid_file", "the configuration file"
    std::string path;  ///< as it was written
    base::location where;
    base::way way;
};

bool same_file(const base::way& left, const base::way& right) {
    if (left.exists && right.exists)
        return left.found.st_dev == right.found.st_dev && left.found.st_ino == right.found.st_ino;
    return left.exists == right.exists && left.path == right.path;
}

/// Nothing that is stored is lost in a pipe, a device or an open descriptor.
bool holds_nothing(const base::way& way) {
    if (way.own_descriptor || way.process_link || way.error != 0 || !way.planted.empty())
        return true;
    return way.exists && !S_ISREG(way.found.st_mode) && !S_ISSOCK(way.found.st_mode);
}

class collector {
  public:
    collector(const plan& plan, const config::tree& from) : plan_(plan), from_(from) {}

    std::vector<file_use> all() {
        for (const config::section& section : from_.sections())
            add_section(section);
        for (const log::log_path& each : log::paths_of(plan_.logging))
            add(each.socket ? role::socket : role::log, each.title, each.path, each.where);
        if (const config::value* pid = from_.find("aio", "pid_file"))
            add(role::pid_file, "[aio] pid_file", plan_.process.pid_file, pid->text_where);
        return std::move(all_);
    }

  private:
    void add(role as, std::string title, const std::string& path, const base::location& where) {
        add(as, std::move(title), path, where, plan_.process.working_directory);
    }

    void
    add(role as,
        std::string title,
        const std::string& path,
        const base::location& where,
        const std::string& directory) {
        if (path.empty() || path.find('\0') != std::string::npos)
            return;
        base::way way = base::follow(path, directory);
        if (!holds_nothing(way))
            all_.push_back({as, std::move(title), path, where, std::move(way)});
    }

    /// The file that a text of the configuration comes from. The environment and the command line
    /// are named after no file.
    void add_source(const base::location& where) {
        if (where.from && sources_.insert(where.from.get()).second)
            add(role::input, "the configuration file", where.from->name, {}, "");
    }

    void add_section(const config::section& section) {
        add_source(section.where());
        for (const config::value& value : section.values()) {
            add_source(value.where);
            if (!value.inherited)
                add_inserted_files(section, value);
        }
        if (!section.name().starts_with("server/"))
            return;
        for (const char* option : {"tls_certificate", "tls_key", "tls_ca"})
            add_option(role::input, section, option);
        const config::value* transport = section.find("transport");
        if (transport && transport->text.starts_with("unix"))
            add_option(role::socket, section, "path");
    }

    void add_option(role as, const config::section& section, const char* option) {
        const config::value* written = section.find(option);
        if (written && written->good)
            add(as,
                fmt::format("[{}] {}", section.name(), option),
                written->text,
                written->text_where);
    }

    /// Relative names start at the folder of the configuration file.
    void add_inserted_files(const config::section& section, const config::value& value) {
        constexpr std::string_view beginning = "${file:";
        for (std::size_t begin = value.raw.find(beginning); begin != std::string::npos;
             begin = value.raw.find(beginning, begin + 1)) {
            const std::size_t name = begin + beginning.size();
            const std::size_t end = value.raw.find('}', name);
            if (end == std::string::npos || !value.where.from)
                return;
            const std::filesystem::path folder =
                std::filesystem::path(value.where.from->name).parent_path();
            add(role::input,
                fmt::format("the file of [{}] {}", section.name(), value.name),
                (folder / value.raw.substr(name, end - name)).string(),
                value.text_where,
                "");
        }
    }

    const plan& plan_;
    const config::tree& from_;
    std::vector<file_use> all_;
    std::set<const base::source*> sources_; ///< each value of the configuration asks
};

bool conflict(const file_use& left, const file_use& right) {
    return left.as != right.as && same_file(left.way, right.way);
}

void report(const file_use& written, const file_use& other, base::diagnostics& problems) {
    const std::string place = base::render(other.where);
    problems.error(
        written.where,
        fmt::format(
            "{} '{}' is {} '{}' as well{}",
            written.title,
            written.path,
            other.title,
            other.path,
            place.empty() ? "" : fmt::format(" ({})", place)
        ),
        other.as == role::input ? "it would be overwritten: choose another file"
                                : "choose another file for one of them"
    );
}

} // namespace

void check_shared_files(const plan& plan, const config::tree& from, base::diagnostics& problems) {
    const std::vector<file_use> all = collector(plan, from).all();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].as == role::input)
            continue;
        const auto other = std::ranges::find_if(all, [&](const file_use& each) {
            const bool earlier = each.as == role::input || &each < &all[i];
            return earlier && conflict(all[i], each);
        });
        if (other != all.end())
            report(all[i], *other, problems);
    }
}

} // namespace aio::app
