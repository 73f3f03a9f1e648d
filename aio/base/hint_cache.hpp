#pragma once

// Hints for misspelled names, for code that may find many mistakes in one pass.

#include <aio/base/api.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace aio::base {

/// A search for the nearest name compares with every candidate. One mistake that is repeated in
/// each section of a large configuration would therefore take time quadratic in its size. So each
/// hint is searched for once, and no more than `most` are.
class AIO_API hint_cache {
  public:
    /// The number of searches. Further names get no hint.
    static constexpr std::size_t most = 20;

    /// The hint for `key`, which tells apart both the name and its candidates. `search` makes it at
    /// the first call.
    std::string get(const std::string& key, const std::function<std::string()>& search);

    std::size_t searches() const noexcept { return known_.size(); }

  private:
    std::map<std::string, std::string> known_;
};

} // namespace aio::base
