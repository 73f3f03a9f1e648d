#include <aio/base/text.hpp>
#include <aio/base/units.hpp>
#include <aio/service/common.hpp>
#include <aio/service/section_reader.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::service {

const config::schema& common_options() {
    static const config::schema all = [] {
        config::schema s;
        s.option("enabled", true, "no: the section is ignored");
        s.add("label", config::type::string, "a name for a group of sections");
        s.add(
            "depends",
            config::type::list,
            "sections such as server/web that start before this one and stop after it"
        );
        s.add(
             "loop",
             config::type::integer,
             "main (default), own (a loop of its own), or the number of one of [aio] loops"
        )
            .least(0)
            .words({"main", "own"});
        s.add(
             "stop_timeout",
             config::type::duration,
             "time to finish work in progress; default: what is left of [aio] stop_timeout"
        )
            .least(0);
        s.add("start_timeout", config::type::duration, "time limit of the start; default: none")
            .least(0.001);
        s.add("supervisor", config::type::string, "NAME of the [supervisor/NAME] that restarts it");
        s.add(
             "restart",
             config::type::choice,
             "when it is restarted; default: on_failure with a supervisor, otherwise never"
        )
            .allowed({"always", "on_failure", "never"});
        return s;
    }();
    return all;
}

namespace {

std::string loop_of(const config::options& typed) {
    if (const auto number = typed.find<std::int64_t>("loop"))
        return *number == 0 ? "main" : fmt::format("{}", *number);
    const std::string_view word = typed.word("loop");
    return word.empty() ? "main" : std::string{word};
}

// Under a supervisor the default is a restart.
restart restart_of(const config::options& typed, const common_spec& common) {
    const auto word = typed.find<base::choice>("restart");
    if (!word)
        return common.supervisor.empty() ? restart::never : restart::on_failure;
    return word->value == "always"       ? restart::always
           : word->value == "on_failure" ? restart::on_failure
                                         : restart::never;
}

void read_depends(common_spec& into, const config::options& typed, base::diagnostics& problems) {
    const auto names = typed.find<base::list>("depends");
    if (!names)
        return;
    const std::vector<base::location> places = typed.entries_where("depends");
    for (std::size_t i = 0; i < names->size(); ++i) {
        const base::location where = i < places.size() ? places[i] : typed.where("depends");
        if (std::ranges::find(into.depends, (*names)[i]) != into.depends.end()) {
            problems.warning(
                where, fmt::format("'{}' depends on '{}' twice", into.section, (*names)[i])
            );
            continue;
        }
        into.depends.push_back((*names)[i]);
        into.depends_where.push_back(where);
    }
}

} // namespace

common_spec read_common(
    const config::section& from, const config::options& typed, base::diagnostics& problems
) {
    common_spec out;
    out.section = from.name();
    out.where = from.where();
    out.enabled = typed.get<bool>("enabled");
    out.label = typed.find<std::string>("label").value_or("");
    out.loop = loop_of(typed);
    out.loop_where = typed.where("loop");
    out.start_timeout = typed.find<base::duration>("start_timeout");
    out.supervisor = text_of(typed, "supervisor");
    out.supervisor_where = typed.where("supervisor");
    out.restart = restart_of(typed, out);
    out.stop_timeout = typed.find<base::duration>("stop_timeout");
    read_depends(out, typed, problems);
    return out;
}

bool enabled(const config::section& from) {
    const config::value* written = from.find("enabled");
    return !written || !written->good || base::parse_boolean(written->text).value_or(true);
}

} // namespace aio::service
