#pragma once

// Sections of one kind from INI text, planned with the functions of a registry and no modules.

#include "noting_app.hpp"

#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>
#include <aio/config/tree.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/kind.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace test {

/// `text` becomes the configuration of the app; `each(section, planning)` is called for every
/// section of a kind. What was wrong, rendered.
template <typename Each>
std::string plan_sections(
    noting_app& app,
    const aio::module::registry& registry,
    std::string_view kind,
    std::string text,
    Each each
) {
    aio::config::inputs in;
    in.files.emplace_back("t.conf", std::move(text));
    app.tree = aio::config::merge(in);
    aio::base::diagnostics wrong;
    aio::service::planning with;
    with.problems = &wrong;
    with.resolve = [&](std::string_view wanted, const std::string& dotted, aio::base::location where
                   ) -> const aio::module::item* {
        const aio::module::item* found = registry.find(dotted);
        if (found && found->kind == wanted)
            return found;
        with.problems->error(where, "unknown " + dotted); // who plans may put another there
        return nullptr;
    };
    with.look = [&](std::string_view wanted, const std::string& dotted) {
        const aio::module::item* found = registry.find(dotted);
        return found && found->kind == wanted ? found : nullptr;
    };
    for (const aio::config::section* one : app.tree.of_kind(kind))
        each(*one, with);
    return aio::base::render(wrong);
}

} // namespace test
