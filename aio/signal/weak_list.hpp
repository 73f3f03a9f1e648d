#pragma once

// A list of weak references. Private to signal/.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace aio::signal {

/// Forgets entries that have expired() when the list would grow to twice the size of what lived the
/// last time: adding stays cheap however many come and go, and the list stays in proportion to
/// those that live. Not thread-safe.
template <typename Entry>
class weak_list {
  public:
    void add(Entry entry) {
        if (entries_.size() >= limit_) {
            std::erase_if(entries_, [](const Entry& old) { return old.expired(); });
            limit_ = std::max(smallest_limit, 2 * entries_.size());
        }
        entries_.push_back(std::move(entry));
    }

    /// Some may have expired.
    auto begin() const noexcept { return entries_.begin(); }

    auto end() const noexcept { return entries_.end(); }

  private:
    static constexpr std::size_t smallest_limit = 16;

    std::vector<Entry> entries_;
    std::size_t limit_ = smallest_limit;
};

} // namespace aio::signal
