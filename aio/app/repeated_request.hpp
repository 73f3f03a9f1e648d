#pragma once

// A request that a signal makes, and that a loop answers. Signals may come faster than the answers.

#include <aio/base/api.hpp>

#include <atomic>

namespace aio::app {

/// Requests that come before an answer begins are one request, and so are those that come while it
/// is being made. So at most one answer is under way, and one more follows. Thread-safe.
class AIO_API repeated_request {
  public:
    /// A request has come. True: the caller has to cause an answer.
    bool come() noexcept;
    /// The answer begins.
    void begin() noexcept;
    /// The answer is made. True: another one has to follow, as after come().
    bool end() noexcept;

  private:
    enum class stage {
        none,
        asked,       ///< an answer will begin
        answering,   ///< it covers the requests before
        asked_again, ///< meanwhile
    };

    std::atomic<stage> stage_{stage::none};
};

} // namespace aio::app
