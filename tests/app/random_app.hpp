#pragma once

// The INI text of an app drawn from a seed: services, schedules, servers and beans on several
// loops, under supervisors of all strategies.

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace test {

using namespace std::chrono_literals;

struct drawn_unit {
    std::vector<std::string> depends;
    std::vector<std::string> dependents;
    bool stubborn = false; ///< its stop is not to be cancelled
    bool alone = false;    ///< nobody handles its crash
    bool tells = true;     ///< of its starts and stops
};

class drawn_app {
  public:
    explicit drawn_app(std::uint64_t seed) : random_(static_cast<unsigned>(seed)) {
        sound_ = in(2);
        loops_ = 1 + below(4);
        text = fmt::format(
            "[aio]\nmodule_path =\n    {}/tests/modules\n    {}/lib/aio/modules\nloops = {}\n"
            "stop_timeout = {}\n[logger_root]\nhandlers =\n",
            AIO_BINARY_DIR,
            AIO_BINARY_DIR,
            loops_,
            in(4) ? "3" : "30"
        );
        draw_supervisors();
        const int depth = 1 + below(in(20) ? 10 : 4);
        for (int i = 0; i < depth; ++i)
            draw_layer(1 + below(depth > 4 ? 8 : 4));
        for (auto& [name, one] : units)
            for (const std::string& before : one.depends)
                units[before].dependents.push_back(name);
    }

    int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }

    /// True once in `rarity` times.
    bool in(int rarity) { return below(rarity) == 0; }

    std::chrono::milliseconds up_to(int most) { return std::chrono::milliseconds(below(most + 1)); }

    std::string text;
    std::map<std::string, drawn_unit> units;

    bool sound() const noexcept { return sound_; } ///< every crash is handled by somebody

  private:
    void draw_supervisors() {
        supervisors_ = below(4) + sound_;
        for (int i = 0; i < supervisors_; ++i) {
            constexpr const char* strategies[] = {
                "one_for_one", "one_for_all", "rest_for_one", "forfeit_one", "forfeit_all"
            };
            const int which = below(5);
            text += fmt::format("[supervisor/s{}]\nstrategy = {}\n", i, strategies[which]);
            if (which < 3)
                text += fmt::format(
                    "max_restarts = {}\nover = {}ms\nbackoff = {}ms\n",
                    i == 0 && sound_ ? 1000000 : below(6),
                    1000 + below(9000),
                    1 + below(1000)
                );
            if (i > 0 && (sound_ || in(2)))
                text += fmt::format("supervisor = s{}\n", below(i));
        }
    }

    void draw_layer(int width) {
        std::vector<std::string> layer;
        for (int i = 0; i < width; ++i)
            layer.push_back(draw_unit(static_cast<int>(units.size())));
        before_ = layer;
        all_.insert(all_.end(), layer.begin(), layer.end());
    }

    std::string draw_unit(int number) {
        constexpr const char* kinds[] = {
            "service", "service", "service", "schedule", "server", "bean"
        };
        const std::string kind = kinds[below(6)];
        const std::string name = fmt::format("{}/u{}", kind, number);
        drawn_unit& one = units[name];
        one.tells = kind == "service";
        text += fmt::format("[{}]\n", name);
        draw_place(one);
        if (kind == "service")
            draw_service(one, number);
        else if (kind == "schedule")
            text += fmt::format("every = {}\nfunc = probe.run_noted\n", 1 + below(5));
        else if (kind == "server")
            text += "protocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n";
        else
            text += fmt::format(
                "core = probe.brief\ntakes = {}ms\nraises = {}\n", below(8000), in(4) ? "yes" : "no"
            );
        return name;
    }

    void draw_place(drawn_unit& drawn) {
        std::set<std::string> depends; // one of the layer before, and any
        for (int k = before_.empty() ? 0 : 1 + below(3); k > 0; --k) {
            const auto& from = k == 1 ? before_ : all_;
            depends.insert(from[static_cast<std::size_t>(below(static_cast<int>(from.size())))]);
        }
        drawn.depends.assign(depends.begin(), depends.end());
        if (!drawn.depends.empty())
            text += fmt::format("depends = {}\n", fmt::join(drawn.depends, "\n    "));
        text += in(5) ? "loop = own\n" : fmt::format("loop = {}\n", below(loops_));
        if (supervisors_ > 0 && (sound_ || !in(3)))
            text += fmt::format(
                "supervisor = s{}\nrestart = {}\n",
                below(supervisors_),
                in(4) ? "always" : "on_failure"
            );
        else
            drawn.alone = true;
        if (in(8))
            text += fmt::format("start_timeout = {}ms\n", 50 + below(500));
        if (in(8))
            text += fmt::format("stop_timeout = {}ms\n", below(500));
    }

    void draw_service(drawn_unit& drawn, int number) {
        text += "class = probe.peer\n";
        if (in(2))
            text += fmt::format("slow = {}ms\n", below(400));
        if (in(20))
            text += fmt::format("failures = {}\n", below(3));
        if (in(4))
            text += fmt::format("crash_after = {}ms\n", 1 + below(8000));
        drawn.stubborn = in(100);
        if (drawn.stubborn)
            text += "hang = 60s\nstubborn = yes\n";
        else if (in(3))
            text += fmt::format("hang = {}ms\n", below(700));
        if (in(3))
            text += fmt::format("beat = {}ms\n", 100 + below(2000));
        if (number > 0)
            text += fmt::format("peers = u{}\n    u{}\n", below(number), below(number));
        text += fmt::format("queue = {}\npolicy = {}\n", in(2) ? below(5) : 0, below(3));
    }

    std::mt19937 random_;
    bool sound_ = false;
    int loops_ = 1;
    int supervisors_ = 0;
    std::vector<std::string> before_, all_;
};

} // namespace test
