// A list of networks as it stands in `allow = …`. Whatever the text: mistakes lie inside it and say
// something; what was read prints as a list that reads back the same, without mistakes; no entry is
// inside another one; each set has the addresses of its entries.

#include <aio/net/networks.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace aio::net;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void check(const networks& read) {
    for (const network& each : read.entries()) {
        for (const network& other : read.entries())
            require(&other == &each || !other.contains(each));
        const std::string text = each.text();
        const auto base = address::parse(std::string_view(text).substr(0, text.find('/')), 0);
        require(!base || (read.contains(*base) && each.contains(*base)));
        require(base.has_value() == (each.kind() != family::unix_path));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<network_mistake> mistakes;
    const networks read = networks::parse(text, mistakes);
    for (const network_mistake& each : mistakes)
        require(each.size > 0 && each.offset + each.size <= size && !each.text.empty());
    if (read.entries().size() < 100)
        check(read);
    std::vector<network_mistake> none;
    require(networks::parse(read.text(), none) == read && none.empty());
    return 0;
}
