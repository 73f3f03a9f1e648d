#pragma once

// What a set of typed options holds inside.

#include <aio/config/options.hpp>

#include <map>
#include <string>
#include <vector>

namespace aio::config {

/// A declared option and what the section says about it.
struct held {
    typed value;
    std::string word;
    bool given = false;
    base::location where;
    std::vector<base::location> entries;
};

struct options::state {
    std::string section;
    base::location header;
    std::map<std::string, held, std::less<>> declared;
    std::map<std::string, std::string, std::less<>> texts;
};

} // namespace aio::config
