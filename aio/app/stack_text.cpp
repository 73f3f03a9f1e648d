#include <aio/app/stack_text.hpp>
#include <aio/app/symbols.hpp>
#include <aio/base/demangle.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace aio::app {
namespace {

std::string line(const frame& shown) {
    if (shown.file.empty())
        return fmt::format("    {}\n", shown.address);
    if (shown.name.empty())
        return fmt::format("    {}+{:#x}\n", shown.file, shown.offset);
    return fmt::format("    {} ({}+{:#x})\n", shown.name, shown.file, shown.offset);
}

} // namespace

frame find_frame(const void* address) {
    frame found;
    found.address = address;
    symbol owner = find_symbol(address);
    found.file = std::move(owner.file);
    found.offset = owner.offset;
    if (owner.name)
        found.name = base::demangle(owner.name);
    return found;
}

std::string stack_text(std::span<const frame> frames) {
    std::string text;
    std::vector<std::pair<std::string, std::string>> nameless; // file, offsets
    for (const frame& one : frames) {
        text += line(one);
        if (one.file.empty() || !one.name.empty())
            continue;
        auto file = std::ranges::find(nameless, one.file, &decltype(nameless)::value_type::first);
        if (file == nameless.end())
            file = nameless.insert(nameless.end(), {one.file, {}});
        file->second += fmt::format(" {:#x}", one.offset);
    }
    for (const auto& [file, offsets] : nameless)
        text += fmt::format("    names: addr2line -Cfpe {}{}\n", file, offsets);
    return text;
}

} // namespace aio::app
