#pragma once

// Captures log records for tests, because log lines are part of behaviour.
//
//     aio::testing::captured_log log(app.logs());
//     …
//     BOOST_TEST(log.has("INFO(aio): Scheduler started (tick)"));

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/log/level.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {
class tree;
}

namespace aio::testing {

/// Collects every record that a logger lets through, whichever handlers it has. The constructors
/// and attach() are called on the thread of the test; all other members on any thread.
class AIO_API captured_log {
  public:
    struct entry {
        log::level severity = log::level::info;
        std::string logger;
        std::string message;

        /// `INFO(aio): message`
        std::string text() const;
    };

    captured_log();
    explicit captured_log(log::tree& logs);
    captured_log(const captured_log&) = delete;
    captured_log& operator=(const captured_log&) = delete;
    ~captured_log();

    /// Collects the records of these logs, too.
    void attach(log::tree& logs);

    std::vector<entry> entries() const;
    std::vector<std::string> texts() const;
    /// Whether the text() of a record contains `part`, and of how many.
    bool has(std::string_view part) const;
    std::size_t count(std::string_view part) const;
    /// The number of records of this level and above.
    std::size_t count(log::level least) const;
    void clear();

    /// Waits for a record whose text() contains `part`.
    /// Completes: when it is logged; at once when it has been.
    /// Loop: any.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    /// Throws: nothing.
    task<entry> wait_for(std::string part);

  private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace aio::testing
