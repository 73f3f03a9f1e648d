#include <aio/app/exit_status.hpp>
#include <aio/app/interruption.hpp>
#include <aio/app/log_at_end.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/plan.hpp>
#include <aio/app/settings.hpp>
#include <aio/app/shared_files.hpp>
#include <aio/async/aborted.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>
#include <aio/cli/user_command.hpp>
#include <aio/command/arguments.hpp>
#include <aio/command/registration.hpp>
#include <aio/config/secrets.hpp>
#include <aio/log/tree.hpp>
#include <aio/module/resolve.hpp>
#include <aio/process/first_process.hpp>
#include <aio/sink/find.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

namespace aio::cli {
namespace {

using texts = std::vector<std::string>;

constexpr int most_status = 255;

/// A command's declared options as Program_options knows them.
po::options_description describe(const config::schema& declared) {
    po::options_description all;
    all.add_options()("help,h", "show this help and exit");
    for (const config::option& option : declared.all())
        all.add_options()(
            option.name.c_str(),
            po::value<texts>()->composing()->value_name("VALUE"),
            option.help.c_str()
        );
    return all;
}

/// Reads the declared options. Everything else stays an argument, in order.
aio::command::values
parse_declared(const module::item& item, const texts& out, texts& arguments, bool& help) {
    const auto parsed = parse_options(out, describe(item.options), &arguments);
    help = parsed.count("help") != 0;
    std::map<std::string, texts> values;
    for (const config::option& option : item.options.all())
        if (parsed.count(option.name))
            values[option.name] = parsed[option.name].as<texts>();
    texts mistakes;
    aio::command::values typed = aio::command::read_values(item.options, values, mistakes);
    if (!help && !mistakes.empty()) {
        const std::string last = std::move(mistakes.back());
        mistakes.pop_back();
        for (const std::string& mistake : mistakes)
            base::say(mistake, base::layout::one_line);
        throw usage_error(last);
    }
    return typed;
}

/// How a command ended: one of the two is set.
struct ending {
    std::optional<int> status;
    std::exception_ptr why;
};

task<void> run(const aio::command::function& call, aio::command::event event, ending& result) {
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    try {
        result.status = co_await call(std::move(event));
    } catch (...) {
        result.why = std::current_exception();
    }
    home.stop();
}

/// The status that the command returned, also after a signal; 128+n when the signal ended it.
/// Throws: std::runtime_error when the command failed by itself.
int status_of(const ending& result, int signal, const log::tree& logs) {
    if (result.status)
        return *result.status;
    const std::string why = result.why ? logs.shown(base::message_of(result.why))
                                       : "the command stopped its loop before it was done";
    if (signal == 0)
        throw std::runtime_error(why);
    if (!result.why || !async::is_aborted(result.why))
        base::say(why);
    return app::signal_base + signal;
}

/// Refuses a number that is not an exit status: the system keeps the lowest eight bits, so 256
/// would be success.
int exit_status(const std::string& name, int number) {
    if (number >= 0 && number <= most_status)
        return number;
    base::say(fmt::format(
        "{} returned {}, which is no exit status (0 to {}); the status is {}",
        name,
        number,
        most_status,
        most_status
    ));
    return most_status;
}

/// Runs the command to its end. A signal cancels a coroutine. A plain function cannot be cancelled:
/// the signal ends the process, as that of any program.
int run_item(
    const module::item& item,
    std::shared_ptr<const aio::command::event_data> data,
    std::optional<base::duration> stop_within,
    log::tree& logs
) {
    const auto& call = std::any_cast<const aio::command::function&>(item.object);
    async::loop loop;
    ending result;
    async::task_group group(loop, data->name);
    std::optional<app::interruption> signals;
    if (call.coroutine)
        signals.emplace(
            data->name,
            [&] { loop.post([&group] { group.cancel(); }); },
            stop_within,
            [&logs] { logs.flush_at_end(); }
        );
    group.spawn(data->name, run(call, aio::command::event(data), result));
    if (!group.empty())
        loop.run();
    return exit_status(data->name, status_of(result, signals ? signals->signal() : 0, logs));
}

int call_item(
    const module::item& item,
    const app::user_command& command,
    const invocation& call,
    const config::tree& tree,
    const app::settings& process,
    log::tree& logs
) {
    auto data = std::make_shared<aio::command::event_data>();
    data->name = command.name;
    data->config = &tree;
    data->log = &logs.get(item.module);
    bool help = false;
    const bool parses = !item.options.all().empty() || !item.help.empty();
    const bool asks = std::ranges::any_of(call.arguments, [](const std::string& argument) {
        return argument == "-h" || argument == "--help";
    });
    if (!item.options.all().empty())
        data->options = parse_declared(item, call.arguments, data->arguments, help);
    else
        data->arguments = call.arguments;
    if (help || (parses && asks))
        return print_command_help(
            fmt::format("aio {} [OPTION]... [ARG]...", command.name),
            item.help,
            describe(item.options)
        );
    return run_item(item, data, process.stop_timeout, logs);
}

texts choices(const std::vector<app::user_command>& own) {
    texts names;
    for (const command& known : builtin_commands())
        names.emplace_back(known.name);
    for (const app::user_command& command : own)
        names.push_back(command.name);
    return names;
}

/// A command writes a log, and no pid file. Its relative paths start at the current folder.
void check_log_files(
    const app::settings& process,
    const log::spec& logging,
    const config::tree& configuration,
    base::diagnostics& problems
) {
    app::plan written;
    written.logging = logging;
    written.process.modules = process.modules;
    written.process.module_path = process.module_path;
    base::diagnostics reported;
    configuration.check(reported); // so that all ${file:…} are known
    app::check_shared_files(written, configuration, problems);
}

/// Reports a command whose line cannot be interpolated: user_commands() leaves such a command out.
void report_unreadable(
    std::string_view name, const config::tree& configuration, base::diagnostics& problems
) {
    const config::value* written = configuration.find("aio/commands", name);
    if (written && !written->good)
        problems.add(*written->problem);
}

} // namespace

std::string user_command_help(const app::user_command& command, const config::tree& configuration) {
    base::diagnostics ignored;
    const app::settings process = app::read_settings(configuration, ignored);
    const module::loader loader = app::make_loader(process);
    module::registry registry;
    module::resolver resolver(loader, registry, app::set_up);
    const module::item* found =
        resolver.find(command.dotted, aio::command::kind, command.where, ignored);
    return config::secret_texts_of(configuration)
        .mask(found && !found->help.empty() ? found->help : command.dotted);
}

int user_command(std::string_view name, const invocation& call) {
    if (const auto ended = process::serve_as_first_process())
        return *ended;
    app::loaded source = app::load(call.config);
    base::diagnostics problems = source.problems;
    const auto own = app::user_commands(source.tree, problems);
    report_unreadable(name, source.tree, problems);
    const auto found = std::ranges::find(own, base::lower_ascii(name), &app::user_command::name);
    const bool help = found == own.end() && asks_for_help(call.arguments);
    if (found == own.end() && (help || !problems.failed())) {
        write_output(help_text(call.config));
        if (help)
            return app::success;
        throw usage_error(invalid_choice(name, choices(own)));
    }
    const app::settings process = app::read_settings(source.tree, problems);
    const module::loader loader = app::make_loader(process);
    module::registry registry;
    module::resolver resolver(loader, registry, app::set_up);
    const module::item* item =
        found == own.end()
            ? nullptr
            : resolver.find(found->dotted, aio::command::kind, found->where, problems);
    const log::spec logging =
        problems.failed()
            ? log::spec()
            : log::read_spec(source.tree, problems, sink::find_in(resolver, problems));
    check_log_files(process, logging, source.tree, problems);
    source.tree.mask_learnt(); // the modules have declared their secret options by now
    log::tree logs;
    logs.hide(config::secret_texts_of(source.tree));
    if (!problems.failed())
        problems.add(logs.configure(logging));
    const app::log_at_end last_lines(logs, app::exit_call::proper);
    if (report(problems, source.tree))
        return source.missing_file ? app::usage : app::bad_config;
    return call_item(*item, *found, call, source.tree, process, logs);
}

} // namespace aio::cli
