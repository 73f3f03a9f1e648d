// A text as one file of a configuration: parsed, merged, interpolated, and every message rendered.
#include <aio/config/document.hpp>
#include <aio/config/load.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

using namespace aio;

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
    base::diagnostics problems;
    const config::tree tree = config::load(all, problems);
    problems.sort();
    (void)base::render(problems);
    std::size_t bytes = 0;
    for (const config::section& section : tree.sections())
        for (const config::value& value : section.values())
            bytes += value.text.size();
    return bytes == 1 ? 0 : 0;
}
