// aio config set and unset: the edit of one file.

#include <aio/app/exit_status.hpp>
#include <aio/app/schemas.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/config_arguments.hpp>
#include <aio/cli/report.hpp>
#include <aio/config/edit.hpp>
#include <aio/config/files.hpp>
#include <aio/config/load.hpp>

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

namespace aio::cli {
namespace {

struct target {
    std::string path;
    std::string text; ///< empty when it is to be created
};

std::string target_path(const config_arguments& asked, const app::load_request& request) {
    if (!asked.files.empty())
        return asked.files.back();
    if (!request.files.empty())
        return request.files.back();
    return config::find_usual_file().value_or("aio.conf");
}

int say(const std::string& text, int status) {
    fmt::print(stderr, "aio: {}\n", text);
    return status;
}

config::edited edit(const config_arguments& asked, const std::string& before) {
    const auto key = config::split_key(asked.key);
    if (asked.action == config_action::set)
        return config::set_option(before, key->first, key->second, config::unescape(asked.value), config::dollar_check::any);
    return key ? config::unset_option(before, key->first, key->second)
               : config::unset_section(before, asked.key);
}

/// What was set is not what counts when a higher layer says something else.
void say_who_wins(const config_arguments& asked, const app::load_request& request, const std::string& path) {
    const auto key = config::split_key(asked.key);
    if (!key || asked.action != config_action::set || !asked.files.empty())
        return;
    const app::loaded now = app::load(request);
    const config::value* value = now.tree.find(key->first, key->second);
    if (!value || !value->where.from || value->where.from->name == path)
        return;
    fmt::print(
        stderr, "aio: note: {} still has the value of {}:{}, which is read above {}\n", asked.key,
        value->where.from->name, value->where.line, path
    );
}

int show_difference(const target& of, const config::edited& change) {
    const std::string before = config::mask_secrets(of.text, app::declared_secret);
    const std::string after = config::mask_secrets(change.text, app::declared_secret);
    fmt::print("{}", config::unified_diff(of.path, of.text, change.text, before, after));
    return app::success;
}

} // namespace

int change_config(const config_arguments& asked, const app::load_request& request) {
    target to{target_path(asked, request), {}};
    if (::access(to.path.c_str(), F_OK) == 0) {
        std::string error;
        const auto text = config::read_file(to.path, error);
        if (!text)
            return say(fmt::format("{}: {}", to.path, error), app::failure);
        to.text = *text;
    } else if (asked.action == config_action::unset) {
        return say(fmt::format("{}: {}", to.path, std::strerror(errno)), app::failure);
    }
    config::inputs as_it_is;
    as_it_is.files.emplace_back(to.path, to.text);
    base::diagnostics problems;
    config::report(as_it_is, problems);
    if (problems.failed()) {
        report(problems);
        return app::bad_config;
    }
    const config::edited change = edit(asked, to.text);
    if (!change.refused.empty())
        return say(fmt::format("{}: {}", asked.key, change.refused), app::failure);
    if (!change.found)
        return say(fmt::format("{} does not set {}", to.path, asked.key), app::failure);
    if (asked.dry_run)
        return show_difference(to, change);
    if (const std::string wrong = config::save(to.path, change.text); !wrong.empty())
        return say(fmt::format("{}: {}", to.path, wrong), app::failure);
    say_who_wins(asked, request, to.path);
    return app::success;
}

} // namespace aio::cli
