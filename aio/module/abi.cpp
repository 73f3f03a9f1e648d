#include <aio/module/abi.hpp>
#include <aio/module/abi_string.hpp>
#include <aio/module/elf.hpp>
#include <aio/module/library.hpp>
#include <aio/module/path.hpp>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace aio::module {

namespace {

constexpr std::string_view entry_symbol = "aio_module.";

std::map<std::string_view, std::string_view> pairs(std::string_view text) {
    std::map<std::string_view, std::string_view> found;
    while (!text.empty()) {
        const auto end = std::min(text.find(';'), text.size());
        const auto name = text.substr(0, end);
        const auto equals = std::min(name.find('='), name.size());
        found.emplace(name.substr(0, equals), name.substr(std::min(equals + 1, name.size())));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
}

refusal wrong_module(std::string_view name, const std::vector<std::string>& symbols) {
    if (symbols.empty())
        return {
            "defines no module", "write AIO_MODULE(" + std::string(name) + ") in one of its sources"
        };
    std::string held = symbols.front().substr(entry_symbol.size());
    std::string folder = held;
    std::ranges::replace(folder, '.', '/');
    return {
        "defines no module '" + std::string(name) + "', but '" + held + "'",
        "a module lies in the folder of its name: " + folder + "/" + std::string(last_word(held)) +
            ".so"
    };
}

std::optional<refusal> check(const elf_file& file, std::string_view module_name) {
    const std::string theirs = file.text(".aio_abi");
    if (const std::string other = abi_difference(theirs, library_abi()); !other.empty())
        return refusal{
            "was built for another aio: " + other, "build it again with this aio and its compiler"
        };
    const auto symbols = file.symbols(entry_symbol);
    const std::string wanted = std::string(entry_symbol) + std::string(module_name);
    if (std::ranges::find(symbols, wanted) == symbols.end())
        return wrong_module(module_name, symbols);
    return std::nullopt;
}

} // namespace

std::string_view library_abi() noexcept {
    return AIO_ABI;
}

std::string abi_difference(std::string_view theirs, std::string_view ours) {
    const auto there = pairs(theirs);
    const auto here = pairs(ours);
    auto all = there;
    all.insert(here.begin(), here.end());
    const auto value = [](const auto& facts, std::string_view key) {
        const auto found = facts.find(key);
        return std::string(found == facts.end() ? "unknown" : found->second);
    };
    std::string text;
    for (const auto& [key, any] : all) {
        const std::string a = value(there, key);
        const std::string b = value(here, key);
        if (a != b)
            text += (text.empty() ? "" : "; ") + std::string(key) + ' ' + a + ", here " + b;
    }
    return text;
}

std::optional<refusal> check_library(const library_file& file, std::string_view module_name) {
    try {
        return check(elf_file(file.bytes()), module_name);
    } catch (const elf_error& why) {
        return damaged(why);
    }
}

std::optional<refusal>
check_library(const std::filesystem::path& file, std::string_view module_name) {
    try {
        return check_library(library_file(file), module_name);
    } catch (const elf_error& why) {
        return damaged(why);
    }
}

refusal damaged(const elf_error& why) {
    return {std::string("is ") + why.what(), "build the module again, or remove the file"};
}

} // namespace aio::module
