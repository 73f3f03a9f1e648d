// How long a large configuration takes: text to merged tree, every value interpolated, and beside
// it property_tree::read_ini on the same text without what it cannot read.
//
//     config_bench [LINES [RUNS]]

#include <aio/config/load.hpp>
#include <aio/config/property_tree.hpp>

#include <boost/property_tree/ini_parser.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace {

// The shape of an application's configuration: servers, schedules and listeners, with references
// and values of several lines.
std::string large_text(std::size_t lines, bool with_continuations) {
    std::string out = "[aio]\nlog_level = INFO\nhost = 127.0.0.1\nroot = /srv/app\n\n";
    std::size_t written = 5;
    for (std::size_t i = 0; written < lines; ++i, written += 17) {
        out += fmt::format(
            "; component {0}\n[server/web{0}]\nfactory = my.example.server_factory\n"
            "address = ${{aio:host}}\nport = {1}\nroot = ${{aio:root}}/site{0}\ntls = no\n\n"
            "[schedule/job{0}]\nevery = {2}\nfunc = my.example.job_{0}\n\n"
            "[listen/group{0}]\nsignal-{0} = my.example.listener\n",
            i,
            1024 + i % 60000,
            1 + i % 60
        );
        if (with_continuations)
            out += "\tmy.example.other_listener\n\tmy.example.third_listener\n";
        out += '\n';
    }
    return out;
}

template <typename Job>
double median_ms(int runs, Job&& job) {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) {
        const auto start = std::chrono::steady_clock::now();
        job();
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - start;
        times.push_back(took.count());
    }
    std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
    return times[static_cast<std::size_t>(runs / 2)];
}

std::size_t read_every_value(const aio::config::tree& from) {
    std::size_t bytes = 0;
    for (const aio::config::section& one : from.sections())
        for (const aio::config::value& v : one.values())
            bytes += v.text.size();
    return bytes;
}

} // namespace

int main(int argc, char** argv) {
    namespace config = aio::config;
    namespace pt = boost::property_tree;
    const std::size_t lines = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50000;
    const int runs = argc > 2 ? std::atoi(argv[2]) : 21;
    const std::string ours = large_text(lines, true);
    const std::string theirs = large_text(lines, false);

    std::size_t bytes = 0;
    config::tree all;
    const double merge = median_ms(runs, [&] {
        config::inputs in;
        in.files.emplace_back("bench.conf", ours);
        all = config::merge(in);
    });
    const double both = median_ms(runs, [&] {
        config::inputs in;
        in.files.emplace_back("bench.conf", ours);
        bytes += read_every_value(config::merge(in));
    });
    const double view = median_ms(runs, [&] { bytes += config::to_ptree(all).size(); });
    const double read_ini = median_ms(runs, [&] {
        std::istringstream text{theirs};
        pt::ptree tree;
        pt::read_ini(text, tree);
        bytes += tree.size();
    });
    fmt::print("config_lines                    {}\n", lines);
    fmt::print("config_sections                 {}\n", all.sections().size());
    fmt::print("config_parse_and_merge_ms       {:.2f}\n", merge);
    fmt::print("config_read_every_value_ms      {:.2f}\n", both - merge);
    fmt::print("config_total_ms                 {:.2f}\n", both);
    fmt::print("config_to_ptree_ms              {:.2f}\n", view);
    fmt::print("property_tree_read_ini_ms       {:.2f}\n", read_ini);
    fmt::print("config_speed_against_read_ini   {:.2f}\n", read_ini / both);
    return bytes == 0 ? 1 : 0;
}
