#include "former.hpp"

#include <aio/module.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace aio::module {
namespace {

struct former {
    const char* name;
    const char* became; ///< what `aio module show` says
};

constexpr std::array all{
    former{
        "aio.config",
        "The configuration is part of aio: `aio config`. This module has nothing to load."
    },
    former{"aio.core", "The core is part of aio. This module has nothing to load."},
    former{
        "aio.manhole.server",
        "The manhole was a Python prompt inside the process. C++ has none, and this version has no "
        "console in its place: `aio graph` and SIGUSR2 show what runs."
    },
    former{
        "aio.signals",
        "Signals are part of aio: [listen/NAME] sections, and app().signals() in code. This module "
        "has nothing to load."
    },
    former{
        "aio.testing",
        "`aio test` is part of aio, and so are the headers aio/testing/*.hpp. This module has "
        "nothing to load."
    },
};

template <std::size_t Index>
void set_up(aio::module_builder& module) {
    module.describe(all[Index].became);
}

template <std::size_t... Index>
constexpr std::array<entry, sizeof...(Index)> entries(std::index_sequence<Index...>) {
    return {entry{sizeof(entry), all[Index].name, set_up<Index>}...};
}

} // namespace

std::span<const entry> former_modules() noexcept {
    static constexpr auto made = entries(std::make_index_sequence<all.size()>{});
    return made;
}

} // namespace aio::module
