#pragma once

// Configurations from text, for tests.

#include <aio/config/load.hpp>
#include <aio/config/tree.hpp>

#include <map>
#include <string>
#include <vector>

namespace aio::tests {

/// Inputs of these files, named one.conf, two.conf, …; no disk, no environment but `variables`.
inline config::inputs inputs_of(
    const std::vector<std::string>& files,
    std::map<std::string, std::string, std::less<>> variables = {}
) {
    static const char* const names[] = {"one.conf", "two.conf", "three.conf"};
    config::inputs in;
    for (std::size_t i = 0; i < files.size(); ++i)
        in.files.emplace_back(names[i], files[i]);
    in.env = [variables](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
    };
    in.file = [](const std::string& path, std::string& error) -> std::optional<std::string> {
        if (path == "secret.txt" || path == "etc/secret.txt")
            return "hunter2\n";
        error = "No such file or directory";
        return std::nullopt;
    };
    return in;
}

/// What is said about them, rendered.
inline std::string said(const config::inputs& given) {
    base::diagnostics problems;
    config::load(given, problems);
    return base::render(problems);
}

inline std::string said(const std::string& text) {
    return said(inputs_of({text}));
}

inline config::tree tree_of(const std::string& text) {
    return config::merge(inputs_of({text}));
}

inline std::string
text_of(const config::tree& tree, std::string_view section, std::string_view option) {
    const config::value* found = tree.find(section, option);
    return found ? found->text : "(none)";
}

} // namespace aio::tests
