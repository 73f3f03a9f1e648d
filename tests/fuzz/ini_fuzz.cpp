// A text as one file of a configuration: parsed, merged, interpolated, and every message rendered.
// No message shows a character that cannot be seen as it is, and what the strict dialect accepts
// means what it means to Python.
#include <aio/base/visible.hpp>
#include <aio/config/document.hpp>
#include <aio/config/encoding.hpp>
#include <aio/config/load.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

using namespace aio;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void compare_dialects(const std::string& text) {
    const auto from = std::make_shared<const base::source>("whole.conf", text);
    const auto python = config::parse(from);
    const auto strict = config::parse(from, config::dialect::strict);
    base::diagnostics problems;
    config::report(*strict, problems);
    const std::string said = base::render(problems);
    require(base::visible(said) == said);
    require(!python->failed || strict->failed);
    if (strict->failed)
        return;
    require(config::no_text(text).empty());
    require(python->sections.size() == strict->sections.size());
    require(python->entries.size() == strict->entries.size());
    for (std::size_t i = 0; i < python->entries.size(); ++i)
        require(python->entries[i].raw == strict->entries[i].raw);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    config::inputs all;
    // A zero byte parts the lower layer from the upper one.
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto middle = std::min(text.find('\0'), text.size());
    all.files.emplace_back("lower.conf", text.substr(0, middle));
    all.files.emplace_back("upper.conf", text.substr(std::min(middle + 1, text.size())));
    all.env = [](std::string_view name) -> std::optional<std::string> {
        return name.size() % 2 ? std::optional<std::string>("$value") : std::nullopt;
    };
    all.file = [](const std::string& path, std::string& error) -> std::optional<std::string> {
        if (path.size() % 2)
            return "content of " + path;
        error = "no such file";
        return std::nullopt;
    };
    compare_dialects(text);
    base::diagnostics problems;
    config::report(all, problems);
    const config::tree tree = config::merge(all);
    problems.sort();
    const std::string said = base::render(problems);
    require(base::visible(said) == said);
    for (const config::section& section : tree.sections())
        for (const config::value& value : section.values())
            require(value.good || value.text.empty());
    return 0;
}
