#pragma once

// The loops as the watchdog sees them: which one is blocked, and whether all of them rest.

#include <aio/app/blockage.hpp>
#include <aio/app/watchdog_report.hpp>
#include <aio/async/activity.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <pthread.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace aio::app {

/// A loop as the watchdog sees it. The functions wait for nothing.
struct watched_loop {
    std::string name;
    pthread_t thread{};
    async::activity* turns = nullptr;
    /// Asks the loop a question. Returns how long an earlier question has gone unanswered; zero
    /// when there was none.
    std::function<base::duration()> busy_for;
    /// Whether a question is unanswered.
    std::function<bool()> owes_answer;
    /// Called once the loop turns again after a report, with the time it was blocked.
    std::function<void(base::duration)> recovered;

    watched_loop() = default;
};

/// How often the watchdog looks at the loops.
enum class attention {
    awake,  ///< a loop is working: four observations within the limit
    drowsy, ///< all rest and were told to ring; one more observation, as they may not have seen
            ///< that yet
    asleep  ///< all still rest: no observation until one of them rings
};

/// The pace after an observation. Pure.
AIO_API attention next_attention(attention now, bool all_rest) noexcept;

/// Not thread-safe, except for the bell, which is called on the threads of the loops.
class AIO_API loop_watch {
  public:
    using stack_of = std::function<std::string(pthread_t)>;

    /// `bell`: called on the thread of a loop that begins to work while the pace is `asleep`.
    explicit loop_watch(std::function<void()> bell) : bell_(std::move(bell)) {}

    loop_watch(const loop_watch&) = delete;
    loop_watch& operator=(const loop_watch&) = delete;

    ~loop_watch() { clear(); }

    void add(watched_loop loop);
    /// Before the thread ends. Afterwards its bell is silent.
    void remove(pthread_t thread);
    void clear();

    bool empty() const noexcept { return loops_.empty(); }

    /// When the next observation is due.
    aio::app::attention attention() const noexcept { return attention_; }

    /// One observation: asks the loops that are working. Returns a report for each loop that is
    /// newly found to be blocked.
    std::string look(base::duration limit, const stack_of& stack);

    /// Asks every loop, resting or not.
    void ask_all();

    /// How long each loop has not answered. Asks them as well.
    std::vector<busy_loop> busy() const;

    /// Reports on the loops that have not answered for `limit`. Asks them as well.
    std::string silent(base::duration limit, const stack_of& stack) const;

  private:
    struct seen {
        watched_loop loop;
        blockage turns;
        std::uint64_t count = 0; ///< of its turns, at the last observation
    };

    static busy_loop ask(const seen& loop) { return {loop.loop.name, loop.loop.busy_for()}; }

    static bool rests(seen& loop);
    void pay_attention(bool all_rest);

    std::function<void()> bell_;
    std::vector<seen> loops_;
    aio::app::attention attention_ = attention::awake;
};

} // namespace aio::app
