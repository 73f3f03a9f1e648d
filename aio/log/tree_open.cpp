// From a spec to open handlers, and their way into the loggers.

#include <aio/base/error_words.hpp>
#include <aio/log/tree_impl.hpp>

#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

namespace aio::log {

namespace {

/// Opens it. Null: it cannot be opened, which is an error in `problems`.
std::shared_ptr<handler> try_open(
    const handler_spec& spec,
    const formatter_spec& formatter,
    const std::string& directory,
    const std::shared_ptr<output_services>& services,
    base::diagnostics& problems
) {
    try {
        return open_handler(spec, formatter, directory, services);
    } catch (const std::exception& e) {
        problems.error(spec.where, spec.title() + " " + base::words_of(e));
    }
    return nullptr;
}

postponed postpone(
    const handler_spec& spec,
    const formatter_spec& formatter,
    const std::shared_ptr<output_services>& services
) {
    handler_spec standard_error(spec.name, stream_args{stream::err});
    standard_error.at_least = spec.at_least;
    return {spec, formatter, open_handler(standard_error, formatter, "", services)};
}

/// `later`: gets the handlers of modules; null when they are opened, too.
std::map<std::string, std::shared_ptr<handler>> open_used(
    const spec& what,
    const std::string& directory,
    const std::shared_ptr<output_services>& services,
    std::vector<postponed>* later,
    base::diagnostics& problems
) {
    std::map<std::string, std::shared_ptr<handler>> opened;
    for (const handler_spec& each : what.handlers) {
        if (!what.used(each))
            continue;
        const formatter_spec* found = what.find_formatter(each.formatter);
        const formatter_spec formatter = found ? *found : formatter_spec("", "%(message)s");
        if (later && std::holds_alternative<custom_args>(each.args))
            opened[each.name] = later->emplace_back(postpone(each, formatter, services)).substitute;
        else
            opened[each.name] = try_open(each, formatter, directory, services, problems);
    }
    return opened;
}

} // namespace

base::diagnostics
tree::configure(const spec& what, std::string directory, module_handlers modules) {
    std::error_code gone; // the folder may have been removed: absolute paths do not need it
    if (directory.empty())
        directory = std::filesystem::current_path(gone);
    base::diagnostics wrong;
    std::vector<postponed> later;
    const auto opened = open_used(
        what,
        directory,
        impl_->services,
        modules == module_handlers::later ? &later : nullptr,
        wrong
    );
    if (wrong.failed())
        return wrong;

    handlers old;
    {
        const std::lock_guard guard(impl_->lock);
        old = impl_->all();
        impl_->directory = std::move(directory);
        impl_->later = std::move(later);
        impl_->named.clear();
        impl_->named.insert(opened.begin(), opened.end());
        for (const auto& [name, one] : impl_->nodes)
            one->configured = {};
        impl_->root->configured.at = level::warning; // Python's, when nothing is said
        for (const logger_spec& one : what.loggers) {
            settings& to = impl_->keep(one.name).configured;
            to.at = one.at ? one.at : to.at;
            to.propagate = one.propagate;
            for (const std::string& name : one.handlers)
                if (const auto found = opened.find(name); found != opened.end())
                    to.own.push_back(found->second);
        }
        impl_->reroute();
    }
    for (const auto& one : old)
        one->flush();
    return wrong;
}

base::diagnostics tree::open_module_handlers() {
    std::vector<postponed> later;
    {
        const std::lock_guard guard(impl_->lock);
        later = impl_->later;
    }
    base::diagnostics wrong;
    std::map<std::shared_ptr<handler>, std::shared_ptr<handler>> opened;
    for (const postponed& each : later)
        opened[each.substitute] = try_open(each.what, each.formatter, "", impl_->services, wrong);
    if (later.empty() || wrong.failed())
        return wrong;
    const std::lock_guard guard(impl_->lock);
    impl_->later.clear();
    for (const auto& [name, one] : impl_->nodes)
        for (auto& own : one->configured.own)
            if (const auto found = opened.find(own); found != opened.end())
                own = found->second;
    impl_->reroute();
    return wrong;
}

} // namespace aio::log
