#pragma once

// The shared state of a set of typed options.

#include <aio/config/document.hpp>
#include <aio/config/options.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::config {

/// A declared option and its value in the section.
struct held {
    typed value;
    std::string word;
    bool is_given = false;
    base::location where;
    std::vector<base::location> entries;
};

/// The declared options of one section. Each run of a schedule looks options up, with cold caches:
/// the hashes are stored side by side, so that a search touches few cache lines.
class held_options {
  public:
    const held* find(std::string_view folded) const noexcept {
        const std::uint32_t hash = hash_of(folded);
        for (std::size_t i = 0; i < hashes_.size(); ++i)
            if (hashes_[i] == hash && all_[i].first == folded)
                return &all_[i].second;
        return nullptr;
    }

    held& operator[](std::string_view folded) {
        if (const held* known = find(folded))
            return const_cast<held&>(*known);
        hashes_.push_back(hash_of(folded));
        return all_.emplace_back(std::string(folded), held{}).second;
    }

    void add(std::string_view folded, held held) {
        if (!find(folded))
            (*this)[folded] = std::move(held);
    }

  private:
    std::vector<std::uint32_t> hashes_;
    std::vector<std::pair<std::string, held>> all_;
};

struct options::state {
    std::string section;
    base::location header;
    held_options declared;
    std::map<std::string, std::string, std::less<>> texts;
};

} // namespace aio::config
