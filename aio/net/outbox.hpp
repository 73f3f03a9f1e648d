#pragma once

// What a connection has to send and the socket has not taken, in order: bytes, and parts of files.
// Pure, but for the files that it closes. Private to net/.

#include <aio/base/descriptor.hpp>
#include <aio/net/file_part.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace aio::net {

class outbox {
  public:
    bool empty() const noexcept { return bytes_left_ == 0 && files_.empty(); }

    /// The bytes that are kept in memory.
    std::size_t memory() const noexcept { return bytes_left_; }

    bool has_file() const noexcept { return !files_.empty(); }

    std::size_t files() const noexcept { return files_.size(); }

    /// Throws: std::bad_alloc, and has added nothing then.
    void add(std::span<const std::byte> data) {
        if (begin_ > bytes_.size() / 2) {
            bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
            begin_ = 0;
        }
        bytes_.insert(bytes_.end(), data.begin(), data.end());
        bytes_left_ += data.size();
    }

    /// Takes the file over. Nothing for an empty part. Throws as the other.
    void add(base::descriptor file, std::uint64_t offset, std::uint64_t size) {
        if (size == 0)
            return;
        std::size_t before = bytes_left_;
        for (const auto& each : files_)
            before -= each.before;
        const int number = file.get();
        files_.push_back({before, std::move(file), {number, offset, size}});
    }

    /// What is next: bytes; none when a file is.
    std::span<const std::byte> next_bytes() const noexcept {
        const std::size_t count = files_.empty() ? bytes_left_ : files_.front().before;
        return std::span<const std::byte>(bytes_).subspan(begin_, count);
    }

    /// Precondition: next_bytes() is empty, and has_file().
    const file_part& next_file() const noexcept { return files_.front().part; }

    /// `count` bytes of what is next were sent.
    void remove(std::size_t count) noexcept {
        if (files_.empty()) {
            take_bytes(count);
        } else if (files_.front().before != 0) {
            files_.front().before -= count;
            take_bytes(count);
        } else {
            files_.front().part.remove_prefix(count);
            if (files_.front().part.empty())
                files_.pop_front();
        }
    }

  private:
    struct queued_file {
        std::size_t before; ///< bytes between the file before it and this one
        base::descriptor file;
        file_part part;
    };

    void take_bytes(std::size_t count) noexcept {
        begin_ += count;
        bytes_left_ -= count;
    }

    std::vector<std::byte> bytes_; ///< of all pieces in a row
    std::size_t begin_ = 0;
    std::size_t bytes_left_ = 0;
    std::deque<queued_file> files_;
};

} // namespace aio::net
