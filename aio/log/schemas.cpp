#include <aio/config/schema.hpp>
#include <aio/log/spec.hpp>

namespace aio::log {

using config::schema;
using config::type;

const schema& logger_schema() {
    static const schema all = [] {
        schema made;
        made.add("level", type::string, "TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL or OFF");
        made.add("handlers", type::string, "names of [handler_*] sections, separated by commas");
        made.add(
            "qualname", type::string, "dotted name of the logger; default: the name of the section"
        );
        made.option("propagate", true, "pass records to the handlers of the parent loggers, too");
        return made;
    }();
    return all;
}

const schema& handler_schema() {
    static const schema all = [] {
        schema made;
        made.add(
                "class",
                type::string,
                "Stream, File, RotatingFile, TimedRotatingFile, SysLog, Journald, Null, or "
                "my.module.name"
        )
            .required();
        made.option("args", "()", "arguments of the class: ('x.log', 'a')");
        made.add("level", type::string, "lowest level that the handler writes");
        made.add("formatter", type::string, "name of a [formatter_*] section");
        made.add("kwargs", type::string, "Python's arguments with names")
            .reserved("write the values into args, in Python's order: args = ('x.log', 'a', 1000)");
        return made;
    }();
    return all;
}

const schema& formatter_schema() {
    static const schema all = [] {
        schema made;
        made.add("format", type::string, "%(asctime)s %(levelname)s(%(name)s): %(message)s");
        made.add("datefmt", type::string, "format of %(asctime)s, as for strftime");
        made.option("class", "plain", "plain, color or json");
        made.option("style", "%", "only %: fields have the form %(message)s");
        made.add("validate", type::string, "switch of Python for the check of the format")
            .reserved("delete the line: every format is checked");
        made.add("defaults", type::string, "values of Python for missing fields")
            .reserved("write these values as text into format");
        made.option(
            "color",
            base::choice{"auto", {"auto", "always", "never"}},
            "with class = color: when levels are coloured; auto: on a terminal"
        );
        return made;
    }();
    return all;
}

bool owns(std::string_view section_name) noexcept {
    for (std::string_view prefix : {"logger_", "handler_", "formatter_"})
        if (section_name.starts_with(prefix))
            return true;
    return section_name == "loggers" || section_name == "handlers" || section_name == "formatters";
}

} // namespace aio::log
