#pragma once

// What was logged, for tests: log lines are part of behaviour.
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

/// Sees every record a logger lets through, whatever its handlers. All members but the
/// constructors and attach() may be called from any thread.
class AIO_API captured_log {
  public:
    struct entry {
        log::level at = log::level::info;
        std::string logger;
        std::string message;

        /// `INFO(aio): message`
        std::string text() const;
    };

    captured_log();
    explicit captured_log(log::tree& of);
    captured_log(const captured_log&) = delete;
    captured_log& operator=(const captured_log&) = delete;
    ~captured_log();

    /// From now on also what is logged here.
    void attach(log::tree& to);

    std::vector<entry> entries() const;
    std::vector<std::string> texts() const;
    /// A text() that has `part` in it.
    bool has(std::string_view part) const;
    std::size_t count(std::string_view part) const;
    /// Entries of this level and above.
    std::size_t count(log::level least) const;
    void clear();

    /// Completes when something was logged whose text() has `part` in it: at once when it is there.
    task<entry> wait_for(std::string part);

  private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace aio::testing
