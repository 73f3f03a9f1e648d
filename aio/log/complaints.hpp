#pragma once

// Records that cannot be written are counted, and standard error is told at most once a second.
// Nothing here waits for the reader of standard error, throws or logs. Messages that standard error
// does not take are counted, and it is told their number when it takes one again.

#include <aio/base/api.hpp>
#include <aio/base/secrets.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace aio::log {

class AIO_API complaints {
  public:
    /// Secrets that no complaint shows: names of files and hosts may be made of them. Null: none.
    void hide(std::shared_ptr<const base::secret_texts> secrets) noexcept;
    /// `records` could not be written to `where`.
    void lost(std::string_view where, std::string_view why, std::uint64_t records) noexcept;
    void lost(std::string_view where, int error, std::uint64_t records) noexcept;
    /// The records went to standard error instead, as announced before.
    void lost_without_words(std::uint64_t records) noexcept;
    /// A line that does not concern a record, such as a failed rotation.
    void say(std::string_view text) noexcept;
    /// The same, without the limit of one message per second.
    void announce(std::string_view text) noexcept;
    /// A record that its handler cannot deliver, as a line of standard error. Its secrets are
    /// hidden already.
    void pass_on(std::string_view text) noexcept;

    std::uint64_t count() const noexcept { return lost_.load(std::memory_order_relaxed); }

  private:
    bool may_speak() noexcept;
    std::string shown(std::string_view text) const;
    void speak(std::string_view beginning, std::string_view text) const noexcept;
    void print(std::string_view line) const noexcept;
    bool put(std::string_view text) const noexcept;

    mutable std::mutex lock_; ///< of secrets_
    std::shared_ptr<const base::secret_texts> secrets_;
    mutable std::mutex printing_;                     ///< of torn_; nobody waits for it
    mutable bool torn_ = false;                       ///< standard error ends inside a line of ours
    mutable std::atomic<std::uint64_t> unprinted_{0}; ///< messages since the last whole one
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<std::int64_t> spoken_{0}; // seconds of the monotonic clock
};

} // namespace aio::log
