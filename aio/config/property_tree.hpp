#pragma once

// The configuration as a Boost.PropertyTree, for code that walks, queries or translates it with the
// tools of that library.
//
// It is a view made on demand and not the storage, because that costs what makes reading fast: a
// node of basic_ptree is an allocation of its own inside a multi-index container, and a value is
// copied into it. Filling one takes as long as parsing, merging and interpolating together
// (tests/bench/config_bench.cpp prints both).

#include <aio/base/api.hpp>
#include <aio/config/tree.hpp>

#include <boost/property_tree/ptree.hpp>

#include <string>
#include <string_view>

namespace aio::config {

/// The data of a node: an option's value with its origin; a section's node has only `where`.
struct ptree_value {
    std::string text;
    base::location where;
    bool secret = false;
    bool inherited = false;
    bool good = true; ///< false: interpolation failed, `text` is empty
};

/// Sections below the root, options below them, both in order.
using ptree = boost::property_tree::basic_ptree<std::string, ptree_value>;

/// The path of an option. Names hold dots, slashes and blanks; no name holds a line end, so that is
/// the separator.
inline ptree::path_type ptree_path(std::string_view section, std::string_view option) {
    return {std::string{section} + '\n' + std::string{option}, '\n'};
}

/// [DEFAULT] first, then the sections; the options of each, inherited ones included.
AIO_API ptree to_ptree(const tree& from);

} // namespace aio::config
