#pragma once

// The time during which an output cannot be reached. Its begin and its end are reported, and its
// records go to standard error meanwhile.

#include <aio/log/complaints.hpp>

#include <cstdint>
#include <string_view>

namespace aio::log {

/// Called under the handler's lock.
class outage {
  public:
    explicit outage(complaints& reports) noexcept : reports_(reports) {}

    bool begun() const noexcept { return begun_; }

    /// `reason` follows "the log": "cannot open 'x.log': No such file or directory". Reported at
    /// the first call.
    void begin(std::string_view reason, std::string_view until = "it can") noexcept;
    /// A record of the time, as a line.
    void pass_on(std::string_view line) noexcept;
    /// The output `name` is reached again. Does nothing when nothing has begun.
    void end(std::string_view name) noexcept;

  private:
    complaints& reports_;
    bool begun_ = false;
    std::uint64_t unseen_ = 0; ///< records that standard error did not take either
};

} // namespace aio::log
