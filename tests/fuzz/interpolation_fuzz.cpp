// Interpolation: every value of a document is expanded, with the extensions and without. Whatever
// the text: a result or one mistake with a place inside the document; never deeper, larger or
// longer than promised.
#include <aio/config/explain.hpp>
#include <aio/config/interpolate.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace aio::config;

void require(bool holds) {
    if (!holds)
        std::abort();
}

void check(const layers& over, const interpolated& result) {
    if (!result.wrong) {
        require(result.text.size() <= longest_result + over.option_count() * 4096);
        return;
    }
    const failure& wrong = *result.wrong;
    const std::string_view raw = over.at(wrong.option.slot).written().raw;
    require(result.text.empty());
    require(wrong.offset < raw.size() && raw[wrong.offset] == '$');
    require(wrong.chain.empty() || wrong.chain.front() == wrong.chain.back());
    require(wrong.chain.size() <= deepest_reference + 1);
    aio::base::hint_cache hints;
    const aio::base::diagnostic said = explain(over, wrong, false, hints);
    require(!said.text.empty() && said.where.line > 0);
    require(!aio::base::render(said).empty());
}

void expand_all(const layers& over, bool extensions) {
    surroundings with;
    with.extensions = extensions;
    with.env = [](std::string_view name) {
        return name == "HOME" ? std::optional<std::string>{"/root"} : std::nullopt;
    };
    with.file = [](const std::string& path, std::string& error) -> std::optional<std::string> {
        error = "not here";
        return path.ends_with("f") ? std::optional<std::string>{"$ {from a} file\n"} : std::nullopt;
    };
    interpolator values{over, with};
    for (std::uint32_t i = 0; i < over.sections().size(); ++i)
        over.for_each_option(i, [&](std::uint32_t slot) {
            check(over, values.evaluate({i, slot}));
        });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Without a header nothing would be read: the fuzzer need not find one first.
    std::string text{"[a]\n"};
    text.append(reinterpret_cast<const char*>(data), size);
    layers over;
    over.add(parse(std::make_shared<const aio::base::source>("fuzz", text)));
    expand_all(over, false);
    expand_all(over, true);
    return 0;
}
