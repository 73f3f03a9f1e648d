#include <aio/config/schema.hpp>
#include <aio/log/spec.hpp>

namespace aio::log {

using config::schema;
using config::type;

const schema& logger_schema() {
    static const schema all = [] {
        schema made;
        made.add("level", type::string, "TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL or OFF");
        made.add(
            "handlers", type::string, "names of [handler_*] sections, with commas between them"
        );
        made.add("qualname", type::string, "the logger's dotted name; default: the section's");
        made.option("propagate", true, "hand records to the handlers of the loggers above, too");
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
                "Stream, File, RotatingFile, TimedRotatingFile, SysLog, Journald or Null"
        )
            .required();
        made.option("args", "()", "arguments of the class: ('x.log', 'a')");
        made.add("level", type::string, "the handler ignores records below this level");
        made.add("formatter", type::string, "the name of a [formatter_*] section");
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
        made.add("datefmt", type::string, "strftime's form of %(asctime)s");
        made.option("class", "plain", "plain, color or json");
        made.option("style", "%", "only %: fields are written as %(message)s");
        made.add("validate", type::string, "Python's switch for the check of the format")
            .reserved("delete the line: every format is checked");
        made.add("defaults", type::string, "Python's values for fields that a record lacks")
            .reserved("write these values as text into format");
        made.option(
            "color",
            base::choice{"auto", {"auto", "always", "never"}},
            "with class = color: when levels are coloured; auto is on a terminal"
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
