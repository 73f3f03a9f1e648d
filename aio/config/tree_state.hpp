#pragma once

// The shared state of a tree: the layers, their interpolation, and its sections.

#include <aio/base/hint_cache.hpp>
#include <aio/config/interpolate.hpp>
#include <aio/config/layers.hpp>
#include <aio/config/tree.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace aio::config {

struct tree_state {
    tree_state(layers over, surroundings outside);

    void fill(const section& section);
    void check(
        base::diagnostics& problems, const std::function<bool(std::string_view section)>& explained
    );
    void mask_learnt();

    std::span<const section> all() const noexcept { return {sections.get(), count}; }

    layers over;
    interpolator values;
    std::mutex filling;
    base::hint_cache hints;              ///< guarded by `filling`
    std::unique_ptr<section[]> sections; // [0] is [DEFAULT]
    std::size_t count = 0;
    std::set<std::pair<std::string, std::string>, std::less<>> learnt; ///< sections and options
    std::set<std::string> secret_defaults;
};

} // namespace aio::config
