#include <aio/app/modules.hpp>
#include <aio/app/shared_files.hpp>
#include <aio/base/text.hpp>
#include <aio/base/way.hpp>
#include <aio/log/check_targets.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace aio::app {
namespace {

enum class role { input, log, pid_file, socket };
constexpr std::size_t roles = 4;

struct file_use {
    role as = role::input;
    std::string title; ///< "[aio] pid_file", "the configuration file"
    std::string path;  ///< as it was written
    base::location where;
    base::way way;
};

/// The same text for all names of one file. A path begins with '/'.
std::string key_of(const base::way& way) {
    return way.exists ? fmt::format("{}:{}", way.found.st_dev, way.found.st_ino) : way.path;
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
        for (const auto& source : from_.files())
            add(role::input, "the configuration file", source->name, {}, "");
        for (const config::inserted_file& each : from_.inserted_files())
            add(role::input,
                fmt::format("the file of [{}] {}", each.section, each.option),
                each.path,
                each.where,
                "");
        add_modules();
        for (const config::section* section : from_.of_kind("server")) {
            add_tls(*section);
            add_socket(*section);
        }
        for (const config::section* section : from_.of_kind("client"))
            add_tls(*section);
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
        way.folder.reset(); // there may be more files than descriptors
        if (!holds_nothing(way))
            all_.push_back({as, std::move(title), path, where, std::move(way)});
    }

    void add_modules() {
        std::set<std::string> names(plan_.process.modules.begin(), plan_.process.modules.end());
        if (plan_.modules)
            for (const std::string& name : plan_.modules->names())
                names.insert(plan_.modules->find(name)->module);
        const module::loader from = make_loader(plan_.process);
        for (const std::string& name : names)
            if (const auto place = from.files_of(name))
                add(role::input, "the library of module " + name, place->library, {}, "");
    }

    void add_tls(const config::section& section) {
        for (const char* option : {"tls_certificate", "tls_key", "tls_ca", "tls_ticket_keys"})
            add_list(section, option);
    }

    void add_socket(const config::section& section) {
        const config::value* transport = section.find("transport");
        if (transport && transport->text.starts_with("unix"))
            add_option(role::socket, section, "path");
    }

    /// Paths that are read, one per line.
    void add_list(const config::section& section, const char* option) {
        const config::value* written = section.find(option);
        if (!written || !written->good)
            return;
        const bool as_written = written->raw.find('$') == std::string::npos;
        const auto lines = base::lines(written->text);
        for (std::size_t i = 0; i < lines.size(); ++i)
            add(role::input,
                fmt::format("[{}] {}", section.name(), option),
                std::string(base::strip(lines[i])),
                as_written ? section.line_of(*written, i) : written->text_where);
    }

    void add_option(role as, const config::section& section, const char* option) {
        const config::value* written = section.find(option);
        if (written && written->good)
            add(as,
                fmt::format("[{}] {}", section.name(), option),
                written->text,
                written->text_where);
    }

    const plan& plan_;
    const config::tree& from_;
    std::vector<file_use> all_;
};

/// The first use of one file in each role.
using first_uses = std::array<const file_use*, roles>;

std::unordered_map<std::string, first_uses> by_file(const std::vector<file_use>& all) {
    std::unordered_map<std::string, first_uses> found;
    for (const file_use& each : all) {
        const file_use*& first = found[key_of(each.way)][static_cast<std::size_t>(each.as)];
        first = first ? first : &each;
    }
    return found;
}

/// The first other use that is an input, or comes before; nullptr: there is none.
const file_use* conflict(const file_use& written, const first_uses& uses) {
    const file_use* found = nullptr;
    for (const file_use* other : uses) {
        const bool counts =
            other && other->as != written.as && (other->as == role::input || other < &written);
        if (counts && (!found || other < found))
            found = other;
    }
    return found;
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
    const auto uses = by_file(all);
    for (const file_use& each : all)
        if (each.as != role::input)
            if (const file_use* other = conflict(each, uses.at(key_of(each.way))))
                report(each, *other, problems);
}

} // namespace aio::app
