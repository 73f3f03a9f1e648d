#pragma once

// A tree drawn from a seed: up to 10 units deep and 50 wide, with supervisors of all strategies,
// and what its units do. What is expected of it stands here too.

#include "fake_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace test {

using service::strategy;

struct chance {
    std::mt19937 random;

    explicit chance(unsigned seed) : random(seed) {}

    int below(int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); }

    /// True once in `rarity` times.
    bool in(int rarity) { return below(rarity) == 0; }

    duration up_to(duration most) { return duration(random() % (most.count() + 1)); }
};

inline constexpr strategy strategies[] = {
    strategy::one_for_one,
    strategy::one_for_all,
    strategy::rest_for_one,
    strategy::forfeit_one,
    strategy::forfeit_all
};

/// As many restarts as no test makes.
inline constexpr std::size_t endless = 1000000;

/// In a `sound` tree every crash is handled by somebody, so that it lives until its stop.
inline void draw_supervisors(world& w, chance& c, bool sound) {
    const int count = c.below(7) + sound;
    for (int i = 0; i < count; ++i) {
        auto& one = w.supervise(fmt::format("s{}", i), strategies[c.below(5)]);
        one.max_restarts = c.in(3) ? endless : static_cast<std::size_t>(c.below(6));
        one.over = 1s + c.up_to(10s);
        one.backoff = 1ms + c.up_to(2s);
        if (i > 0 && (sound || c.in(2)))
            one.supervisor = fmt::format("s{}", c.below(i));
        if (i == 0 && sound)
            one.max_restarts = endless;
    }
}

/// How many units each layer has: most trees are small, one in a hundred is the largest.
inline std::vector<int> draw_layers(chance& c) {
    std::vector<int> layers;
    if (c.in(100))
        return std::vector<int>(10, 50);
    const bool large = c.in(10);
    for (int depth = 1 + c.below(large ? 10 : 5); depth > 0; --depth)
        layers.push_back(1 + c.below(large ? 30 : 6));
    return layers;
}

inline void draw_behaviour(behaviour& how, chance& c) {
    how.start_takes = c.in(2) ? 0s : c.up_to(400ms);
    how.stop_takes = c.in(2) ? 0s : c.up_to(700ms);
    how.failing_starts = c.in(40) ? c.below(3) : 0;
    if (c.in(150)) {
        how.refuses_cancel = true; // hangs in a stop
        how.stop_takes = c.up_to(100s);
    } else if (c.in(150)) {
        how.start_refuses_cancel = true; // hangs in a start
        how.start_takes = c.up_to(20s);
    }
}

inline void draw_care(world& w, chance& c, service::common_spec& unit, bool sound) {
    const int supervisors = static_cast<int>(w.supervisors.size());
    if (supervisors > 0 && (sound || !c.in(3))) {
        unit.supervisor = fmt::format("s{}", c.below(supervisors));
        unit.restart = service::restart::on_failure;
    }
    if (c.in(4))
        unit.restart = static_cast<service::restart>(sound ? 1 + c.below(2) : c.below(3));
}

inline void draw_unit(world& w, chance& c, bool sound, int first_before, int first, int number) {
    const std::string name = fmt::format("x/{}", number);
    auto& one = w.add(name);
    if (first > 0) // one of the layer before makes it as deep as its layer
        one.depends.push_back(fmt::format("x/{}", first_before + c.below(first - first_before)));
    for (int k = c.below(4); k > 0 && first > 0; --k)
        one.depends.push_back(fmt::format("x/{}", c.below(first)));
    draw_care(w, c, one, sound);
    if (c.in(12))
        one.start_timeout = 1ms + c.up_to(500ms);
    if (c.in(6))
        one.stop_timeout = c.up_to(500ms);
    draw_behaviour(w.how[name], c);
}

/// Units that take the place of the first that crashes under a supervisor.
inline void draw_replacements(world& w, chance& c) {
    for (auto& one : w.supervisors) {
        if (forfeits(one.strategy) || !c.in(5))
            continue;
        one.replacement = "x/instead-" + one.name;
        w.add(one.replacement);
        draw_behaviour(w.how[one.replacement], c);
    }
}

inline void draw_tree(world& w, chance& c) {
    const bool sound = c.in(2);
    draw_supervisors(w, c, sound);
    int before = 0;
    int first = 0;
    for (const int width : draw_layers(c)) {
        for (int i = 0; i < width; ++i)
            draw_unit(w, c, sound, before, first, first + i);
        before = first;
        first += width;
    }
    draw_replacements(w, c);
}

/// What a crash of a unit has to lead to, as far as that does not hang on when it happens.
enum class fate { handled, fails, lost, depends };

inline fate fate_of(const world& w, const service::common_spec& unit) {
    bool passed = unit.restart == service::restart::never;
    std::string name = unit.supervisor;
    if (name.empty())
        return passed ? fate::fails : fate::depends;
    while (!name.empty()) {
        const auto by = std::ranges::find(w.supervisors, name, &service::supervisor_spec::name);
        if (forfeits(by->strategy))
            return fate::lost;
        if (!passed && by->max_restarts == endless)
            return fate::handled;
        if (!passed && by->max_restarts > 0)
            return fate::depends;
        passed = false;
        name = by->supervisor;
    }
    return fate::fails;
}

} // namespace test
