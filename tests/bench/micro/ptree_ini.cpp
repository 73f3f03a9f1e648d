// What boost::property_tree needs to read an INI file: `ptree_ini FILE [SECS]`, milliseconds, the
// median of as many readings as fit. The file may hold only what it can read: no continuation
// lines.

#include "measure.hpp"

#include <boost/property_tree/ini_parser.hpp>
#include <boost/property_tree/ptree.hpp>

#include <algorithm>
#include <exception>
#include <vector>

namespace {

double read_once(const char* file) {
    const auto begin = bench::clock_type::now();
    boost::property_tree::ptree tree;
    boost::property_tree::read_ini(file, tree);
    const std::chrono::duration<double, std::milli> took = bench::clock_type::now() - begin;
    return took.count();
}

} // namespace

int main(int argc, char** argv) try {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s FILE [SECS]\n", argv[0]);
        return 2;
    }
    std::vector<double> readings;
    bench::turns more(bench::secs_of(argc - 1, argv + 1), 1);
    do {
        readings.push_back(read_once(argv[1]));
    } while (more.next());
    std::nth_element(readings.begin(), readings.begin() + std::ssize(readings) / 2, readings.end());
    bench::print("tree", readings[readings.size() / 2]);
} catch (const std::exception& error) {

    std::fprintf(stderr, "ptree_ini: %s\n", error.what());
    return 1;
}
