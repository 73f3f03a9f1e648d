// S6-conf: `config_bench FILE`. "tree": from text to the merged tree with origins; "values": the
// same, and every value read interpolated. Milliseconds, medians of 21 runs.

#include "measure.hpp"

#include <aio/config/load.hpp>
#include <aio/config/tree.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr int runs = 21;

std::string read(const char* path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

aio::config::tree merged(const std::string& text) {
    aio::config::inputs in;
    in.files.emplace_back("big.conf", text);
    return aio::config::merge(in);
}

std::size_t read_every_value(const aio::config::tree& from) {
    std::size_t bytes = 0;
    for (const aio::config::section& section : from.sections())
        for (const aio::config::value& value : section.values())
            bytes += value.text.size();
    return bytes;
}

template <typename F>
double median_ms(F body) {
    std::vector<double> all;
    for (int i = 0; i < runs; ++i) {
        const auto begin = bench::clock_type::now();
        body();
        all.push_back(
            std::chrono::duration<double, std::milli>(bench::clock_type::now() - begin).count()
        );
    }
    std::ranges::nth_element(all, all.begin() + runs / 2);
    return all[runs / 2];
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2)
        return 2;
    const std::string text = read(argv[1]);
    std::size_t sections = 0, bytes = 0;
    bench::print("tree", median_ms([&] { sections += merged(text).sections().size(); }));
    bench::print("values", median_ms([&] { bytes += read_every_value(merged(text)); }));
    return sections != 0 && bytes != 0 ? 0 : 1;
}
