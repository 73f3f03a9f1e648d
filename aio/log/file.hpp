#pragma once

// Outputs that are files: plain, rolled over by size, rolled over by time.

#include <aio/log/descriptor.hpp>
#include <aio/log/output.hpp>

#include <chrono>
#include <memory>

namespace aio::log {

/// What a crash may lose: nothing that matters and nothing older than a second. The app flushes
/// once a second; without it the next record does.
class flush_policy {
  public:
    void after(const record& one, descriptor& to) noexcept {
        if (one.at < level::warning && one.time - last_ < std::chrono::seconds(1) &&
            one.time >= last_)
            return;
        to.flush();
        last_ = one.time;
    }

  private:
    std::chrono::system_clock::time_point last_;
};

// Paths are absolute. They throw std::system_error.
std::unique_ptr<output> open_file(const file_args& of, complaints& to);
std::unique_ptr<output> open_file(const rotating_args& of, complaints& to);
std::unique_ptr<output> open_file(const timed_args& of, complaints& to);

} // namespace aio::log
