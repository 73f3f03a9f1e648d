#pragma once

// Records that cannot be written are counted, and standard error is told at most once a second for
// each target. The last number that it is told is the exact one. Nothing here waits for the reader
// of standard error, throws or logs, and nothing waits longer than 0.1 s for another thread, which
// may have crashed. Messages that standard error does not take are counted, and it is told their
// number when it takes one again.

#include <aio/base/api.hpp>
#include <aio/base/secrets.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace aio::log {

class AIO_API complaints {
  public:
    using clock = std::chrono::steady_clock;

    explicit complaints(clock::time_point (*now)() = clock::now) noexcept : now_(now) {}

    complaints(const complaints&) = delete;
    complaints& operator=(const complaints&) = delete;

    /// Calls tell_losses().
    ~complaints();

    /// Secrets that no complaint shows: names of files and hosts may be made of them. Null: none.
    void hide(std::shared_ptr<const base::secret_texts> secrets) noexcept;
    /// `records`, at least 1, could not be written to `target`. The target calls taken() for each
    /// record that it takes, and left() when it is closed.
    void lost(std::string_view target, std::string_view why, std::uint64_t records) noexcept;
    void lost(std::string_view target, int error, std::uint64_t records) noexcept;

    /// A record was written to `target`. If others were lost before, their number is told, within a
    /// second of the last message at the next call.
    void taken(std::string_view target) noexcept {
        if (losing_.load(std::memory_order_relaxed) != 0)
            end_loss(target);
    }

    /// `target` is closed. The number of records that it lost is told, unless it was told before.
    void left(std::string_view target) noexcept {
        if (losing_.load(std::memory_order_relaxed) != 0)
            forget(target);
    }

    /// A handler has thrown for a record of `logger`. All loggers have one number, because nothing
    /// tells when such an error is over.
    void lost_by_handler(std::string_view logger, std::string_view why) noexcept;
    /// A sink has thrown when it was flushed. No record is known to be lost. Told at most once a
    /// second for all sinks.
    void cannot_flush(std::string_view title, std::string_view why) noexcept;

    /// Tells the numbers of lost records that were not told yet: the process ends.
    void tell_losses() noexcept;
    /// The records went to standard error instead, as announced before.
    void lost_without_words(std::uint64_t records) noexcept;
    /// A line that does not concern a record, such as a failed rotation.
    void say(std::string_view text) noexcept;
    /// The same, without the limit of one message per second.
    void announce(std::string_view text) noexcept;
    /// A record that its handler cannot deliver, as a line of standard error. Its secrets are
    /// hidden already. False: standard error does not take it.
    bool pass_on(std::string_view text) noexcept;

    std::uint64_t count() const noexcept { return lost_.load(std::memory_order_relaxed); }

    /// The targets that may still take a record, and tell it.
    std::size_t losing() const noexcept { return losing_.load(std::memory_order_relaxed); }

  private:
    /// The records that a target lost since it last took one.
    struct loss {
        std::uint64_t records = 0;
        std::uint64_t told = 0; ///< of them
        std::optional<clock::time_point> spoken;
        std::string why;
    };

    using losses = std::map<std::string, loss, std::less<>>;

    std::unique_lock<std::mutex> count_soon();
    losses::value_type& find_loss(std::string_view target);
    losses::value_type& find_endless(std::string_view title);
    void end_loss(std::string_view target) noexcept;
    void forget(std::string_view target) noexcept;
    std::string loss_text(const losses::value_type& entry, std::string_view form) const;
    std::optional<std::string> untold_text(losses::value_type& entry) const;
    std::optional<std::string>
    add_loss(losses::value_type& entry, std::string_view why, std::uint64_t records);
    template <typename Find>
    void count_loss(Find find, std::string_view why, std::uint64_t records) noexcept;
    static bool may_speak(std::atomic<std::int64_t>& spoken) noexcept;
    std::string shown(std::string_view text) const;
    void speak(std::string_view beginning, std::string_view text) const noexcept;
    bool print(std::string_view line) const noexcept;
    bool put(std::string_view text) const noexcept;

    clock::time_point (*now_)();
    mutable std::mutex lock_; ///< of secrets_
    std::shared_ptr<const base::secret_texts> secrets_;
    std::mutex counting_; ///< of losses_ and endless_
    losses losses_;       ///< by target; each ends when its target takes a record or is closed
    losses endless_;      ///< of targets and loggers that share a number
    std::atomic<std::size_t> losing_{0};              ///< the size of losses_
    mutable std::mutex printing_;                     ///< of torn_; nobody waits for it
    mutable bool torn_ = false;                       ///< standard error ends inside a line of ours
    mutable std::atomic<std::uint64_t> unprinted_{0}; ///< messages since the last whole one
    std::atomic<std::uint64_t> lost_{0};
    // The second of the monotonic clock in which such a message was last told.
    std::atomic<std::int64_t> spoken_{0}, flush_spoken_{0};
};

} // namespace aio::log
