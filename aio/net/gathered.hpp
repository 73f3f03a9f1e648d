#pragma once

// The rest of a write of several pieces. Pure. Private to net/.

#include <aio/net/bytes.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

namespace aio::net {

class gathered {
  public:
    /// The views are copied, the data is not.
    explicit gathered(std::span<const bytes> pieces) : pieces_(pieces.begin(), pieces.end()) {
        remove_prefix(0);
    }

    bool empty() const noexcept { return first_ == pieces_.size(); }

    /// What is left; no piece at the front is empty.
    std::span<const bytes> rest() const noexcept {
        return std::span<const bytes>(pieces_.data(), pieces_.size()).subspan(first_);
    }

    /// At most what is left.
    void remove_prefix(std::size_t count) noexcept {
        while (!empty()) {
            bytes& piece = pieces_[first_];
            const std::size_t now = std::min(count, piece.size());
            piece.remove_prefix(now);
            count -= now;
            if (!piece.empty())
                return;
            ++first_;
        }
    }

  private:
    boost::container::small_vector<bytes, 4> pieces_;
    std::size_t first_ = 0;
};

/// Copies from the front of `pieces` what fits into `room`. Returns its size.
inline std::size_t join(std::span<const bytes> pieces, std::span<std::byte> room) noexcept {
    std::size_t size = 0;
    for (const bytes& piece : pieces) {
        const std::size_t now = std::min(piece.size(), room.size() - size);
        if (now != 0)
            std::memcpy(room.data() + size, piece.data(), now);
        size += now;
    }
    return size;
}

} // namespace aio::net
