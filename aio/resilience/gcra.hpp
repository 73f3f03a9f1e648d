#pragma once

// Limits the rate of events by the generic cell rate algorithm: a number of events per second on
// average, and a burst of them after a pause. It remembers one 64-bit word per source of events, so
// a server can afford one for each client. Pure: the time comes from the caller.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <atomic>
#include <cstdint>

namespace aio::resilience {

/// What a limit remembers of one source of events: the time until which the source has used up its
/// rate. The default value has no past.
class gcra_word {
  public:
    constexpr gcra_word() noexcept = default;

    constexpr explicit gcra_word(base::duration used_until) noexcept : used_until_(used_until) {}

    constexpr base::duration used_until() const noexcept { return used_until_; }

    /// Whether it differs in nothing from a word without a past, and can be forgotten.
    constexpr bool idle(base::duration now) const noexcept { return used_until_ <= now; }

    friend bool operator==(const gcra_word&, const gcra_word&) = default;

  private:
    base::duration used_until_ = base::duration::min();
};

/// The limit itself, for any number of words. A value.
class AIO_API gcra_law {
  public:
    /// On average at most `rate` events, and at most `burst` of them at once. The time between two
    /// events is rounded up to whole nanoseconds. Precondition: rate > 0, burst >= 1.
    gcra_law(base::rate rate, std::uint32_t burst) noexcept;

    struct answer {
        gcra_word word; ///< the word after the event; unchanged when the event does not conform
        base::duration wait; ///< 0 when the event conforms; else the time until one conforms
    };

    /// Judges an event at `now`, a time of a clock that does not jump, 0 or later. An event that
    /// does not conform does not count.
    answer judge(gcra_word word, base::duration now) const noexcept;

    /// The time between two events of a steady source.
    base::duration interval() const noexcept { return interval_; }

    friend bool operator==(const gcra_law&, const gcra_law&) = default;

  private:
    base::duration interval_;  ///< what one event uses up
    base::duration tolerance_; ///< how far ahead of the clock a source may be before an event
};

/// A limit with one word. Not thread-safe.
class gcra {
  public:
    gcra(base::rate rate, std::uint32_t burst) noexcept : law_(rate, burst) {}

    /// Returns 0 and counts the event when it conforms; else the time until one conforms.
    base::duration conforms(base::duration now) noexcept {
        const gcra_law::answer judged = law_.judge(word_, now);
        word_ = judged.word;
        return judged.wait;
    }

  private:
    gcra_law law_;
    gcra_word word_;
};

/// A limit with one word that all loops share. From any thread.
class AIO_API shared_gcra {
  public:
    shared_gcra(base::rate rate, std::uint32_t burst) noexcept : law_(rate, burst) {}

    /// As gcra::conforms(). Two threads never both use the same part of the rate. A `now` that is
    /// older than that of another thread is right as well.
    base::duration conforms(base::duration now) noexcept;

  private:
    gcra_law law_;
    std::atomic<std::int64_t> word_{gcra_word().used_until().count()};
};

} // namespace aio::resilience
