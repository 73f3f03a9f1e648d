#include <aio/base/text.hpp>
#include <aio/log/argument_reader.hpp>
#include <aio/log/handler_class.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace aio::log {

namespace {

constexpr std::array<std::pair<std::string_view, handler_class>, 7> classes{{
    {"Stream", handler_class::stream},
    {"File", handler_class::file},
    {"RotatingFile", handler_class::rotating},
    {"TimedRotatingFile", handler_class::timed},
    {"SysLog", handler_class::syslog},
    {"Journald", handler_class::journald},
    {"Null", handler_class::null},
}};

/// The suffix of Python's names.
constexpr std::string_view pythons = "Handler";

constexpr std::array<std::pair<std::string_view, int>, 20> facilities{{
    {"kern", 0},      {"user", 1},    {"mail", 2},    {"daemon", 3},  {"auth", 4},
    {"syslog", 5},    {"lpr", 6},     {"news", 7},    {"uucp", 8},    {"cron", 9},
    {"authpriv", 10}, {"ftp", 11},    {"local0", 16}, {"local1", 17}, {"local2", 18},
    {"local3", 19},   {"local4", 20}, {"local5", 21}, {"local6", 22}, {"local7", 23},
}};

std::string_view without_module(std::string_view name) {
    for (std::string_view prefix : {"logging.", "handlers."})
        if (name.starts_with(prefix))
            name.remove_prefix(prefix.size());
    return name;
}

handler_args stream_of(argument_reader& from) {
    stream_args made;
    const literal* argument = from.next();
    const auto* name = argument ? std::get_if<literal::dotted>(&argument->value) : nullptr;
    // Python keeps the streams of the start under the names with underscores.
    const bool out = name && (name->name == "sys.stdout" || name->name == "sys.__stdout__");
    const bool error = name && (name->name == "sys.stderr" || name->name == "sys.__stderr__");
    if (out)
        made.target = stream::out;
    else if (argument && !error && !std::holds_alternative<literal::none>(argument->value))
        from.error(*argument, "the stream has to be sys.stdout or sys.stderr");
    return made;
}

handler_args file_of(argument_reader& from) {
    file_args made;
    made.path = from.path();
    made.append = from.append();
    from.encoding_and_delay();
    return made;
}

handler_args rotating_of(argument_reader& from) {
    rotating_args made;
    made.path = from.path();
    made.append = from.append();
    made.max_bytes = static_cast<std::uint64_t>(from.number("maxBytes", 0, 0));
    made.backups = from.count("backupCount", 0, 0);
    from.encoding_and_delay();
    return made;
}

bool read_period(std::string_view text, timed_args& args) {
    constexpr std::array<std::pair<std::string_view, period>, 5> words{{
        {"s", period::second},
        {"m", period::minute},
        {"h", period::hour},
        {"d", period::day},
        {"midnight", period::midnight},
    }};
    for (const auto& [word, is] : words)
        if (base::equal_ignoring_case(text, word)) {
            args.every = is;
            return true;
        }
    if (text.size() != 2 || (text[0] != 'W' && text[0] != 'w') || text[1] < '0' || text[1] > '6')
        return false;
    args.every = period::weekday;
    args.weekday = static_cast<unsigned>(text[1] - '0');
    return true;
}

handler_args timed_of(argument_reader& from) {
    timed_args made;
    made.path = from.path();
    if (const literal* argument = from.next()) {
        const auto* text = std::get_if<std::string>(&argument->value);
        if (!text || !read_period(*text, made))
            from.error(
                *argument, "when has to be 'S', 'M', 'H', 'D', 'midnight' or 'W0' (Monday) to 'W6'"
            );
    }
    made.interval = from.count("interval", 1, 1);
    made.backups = from.count("backupCount", 0, 0);
    from.encoding();
    from.truth(false); // delay
    made.utc = from.truth(false);
    if (const literal* argument = from.next();
        argument && !std::holds_alternative<literal::none>(argument->value))
        from.error(*argument, "atTime is not in this version");
    from.errors();
    return made;
}

/// ('host', port), with the constants of Python's module for the port.
void read_address(
    const argument_reader& from,
    const literal& argument,
    const literal::tuple& pair,
    syslog_args& args
) {
    const auto* host = pair.size() == 2 ? std::get_if<std::string>(&pair[0].value) : nullptr;
    const auto* port = host ? std::get_if<std::int64_t>(&pair[1].value) : nullptr;
    const auto* name = host ? std::get_if<literal::dotted>(&pair[1].value) : nullptr;
    const bool standard = name && without_module(name->name) == "SYSLOG_UDP_PORT";
    if (!host || host->empty() || !(standard || (port && *port > 0 && *port <= 65535)))
        return from.error(argument, "the address has to be '/dev/log' or ('host', port)");
    args.host = *host;
    args.port = standard ? std::uint16_t{514} : static_cast<std::uint16_t>(*port);
}

void read_facility(const argument_reader& from, const literal& argument, syslog_args& args) {
    std::string name;
    if (const auto* number = std::get_if<std::int64_t>(&argument.value)) {
        if (*number >= 0 && *number <= 23) {
            args.facility = static_cast<int>(*number);
            return;
        }
    } else if (const auto* text = std::get_if<std::string>(&argument.value)) {
        name = base::lower_ascii(*text);
    } else if (const auto* dotted = std::get_if<literal::dotted>(&argument.value)) {
        const std::size_t last = dotted->name.rfind('.') + 1; // npos + 1 is 0
        name = base::lower_ascii(std::string_view(dotted->name).substr(last));
        if (name.starts_with("log_"))
            name.erase(0, 4);
    }
    const auto* found =
        std::ranges::find(facilities, name, &std::pair<std::string_view, int>::first);
    if (found == facilities.end())
        return from.error(
            argument, "the facility has to be a name such as 'daemon' or 'local0', or 0 to 23"
        );
    args.facility = found->second;
}

/// The type of a unix socket is found out by the connection.
void check_socket_type(
    const argument_reader& from, const literal& kind, const syslog_args& target
) {
    const auto* name = std::get_if<literal::dotted>(&kind.value);
    if (std::holds_alternative<literal::none>(kind.value) ||
        (name && name->name == "socket.SOCK_DGRAM"))
        return;
    if (!name || name->name != "socket.SOCK_STREAM")
        return from.error(
            kind, "the socket type has to be socket.SOCK_DGRAM or socket.SOCK_STREAM"
        );
    if (!target.host.empty())
        from.error(kind, "only datagrams (socket.SOCK_DGRAM) are sent to a log host");
}

handler_args syslog_of(argument_reader& from) {
    syslog_args made;
    if (const literal* argument = from.next()) {
        if (const auto* path = std::get_if<std::string>(&argument->value); path && !path->empty())
            made.path = *path;
        else if (const auto* pair = std::get_if<literal::tuple>(&argument->value))
            read_address(from, *argument, *pair, made);
        else
            from.error(*argument, "the address has to be '/dev/log' or ('host', port)");
    }
    if (const literal* one = from.next())
        read_facility(from, *one, made);
    if (const literal* kind = from.next())
        check_socket_type(from, *kind, made);
    return made;
}

handler_args journald_of(argument_reader& from) {
    journald_args made;
    if (const literal* argument = from.next()) {
        const auto* path = std::get_if<std::string>(&argument->value);
        if (path && !path->empty())
            made.path = *path;
        else
            from.error(*argument, "the only argument is the path of the journal's socket");
    }
    return made;
}

} // namespace

std::optional<handler_class> find_handler_class(std::string_view name) {
    const bool qualified = without_module(name).size() != name.size();
    name = without_module(name);
    if (name.ends_with(pythons))
        name.remove_suffix(pythons.size());
    else if (qualified)
        return std::nullopt; // every name in Python's modules belongs to Python
    const auto* found =
        std::ranges::find(classes, name, &std::pair<std::string_view, handler_class>::first);
    return found == classes.end() ? std::nullopt : std::optional(found->second);
}

bool is_pythons(std::string_view name) noexcept {
    return without_module(name).size() != name.size();
}

std::vector<std::string> handler_class_names() {
    std::vector<std::string> names;
    for (const auto& [name, is] : classes)
        names.emplace_back(name);
    return names;
}

handler_args
read_arguments(handler_class wanted, const literal::tuple& args, const argument_report& wrong) {
    argument_reader from(args, wrong);
    handler_args made;
    switch (wanted) {
    case handler_class::null:
        break;
    case handler_class::stream:
        made = stream_of(from);
        break;
    case handler_class::file:
        made = file_of(from);
        break;
    case handler_class::rotating:
        made = rotating_of(from);
        break;
    case handler_class::timed:
        made = timed_of(from);
        break;
    case handler_class::syslog:
        made = syslog_of(from);
        break;
    case handler_class::journald:
        made = journald_of(from);
        break;
    }
    from.end();
    return made;
}

} // namespace aio::log
