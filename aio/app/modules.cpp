#include <aio/app/kinds.hpp>
#include <aio/app/modules.hpp>
#include <aio/log/spec.hpp>
#include <aio/module.hpp>
#include <aio/service/common.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace aio::app {
namespace {

/// The kind of section that an item of a module runs in; nullptr: in none, or it has no options.
const service::kind* section_of(const module::item& item) {
    std::string_view name = item.kind;
    if (name == protocols::protocol_kind || name == server::factory_kind)
        name = "server";
    const auto found =
        std::ranges::find(kinds(), name, [](const auto* kind) { return kind->name; });
    return found == kinds().end() ? nullptr : *found;
}

/// The options of [handler_*] that are aio's own.
void refuse_handler_names(const module::item& item) {
    for (const config::option& declared : item.options.all())
        if (log::handler_schema().find(declared.name))
            throw std::logic_error(fmt::format(
                "'{}' declares the option '{}', which is aio's own in every [handler_NAME]",
                item.name,
                declared.name
            ));
}

void refuse_own_names(const module::item& item) {
    if (item.kind == sink::kind)
        return refuse_handler_names(item);
    const service::kind* kind = section_of(item);
    if (!kind)
        return;
    for (const config::option& declared : item.options.all())
        if (kind->options().find(declared.name) || service::common_options().find(declared.name))
            throw std::logic_error(fmt::format(
                "'{}' declares the option '{}', which is aio's own in every [{}/NAME]",
                item.name,
                declared.name,
                kind->name
            ));
}

} // namespace

module::loader make_loader(const settings& settings) {
    std::vector<std::filesystem::path> folders;
    for (const std::string& text : settings.module_path)
        folders.emplace_back(text);
    folders.push_back(module::installed_modules());
    return module::loader(module::path(std::move(folders)), module::builtins());
}

void set_up(const module::entry& entry, module::registry& into) {
    module_builder builder(into, entry.name);
    entry.setup(builder);
    for (const module::item* one : into.of_module(entry.name))
        refuse_own_names(*one);
}

} // namespace aio::app
