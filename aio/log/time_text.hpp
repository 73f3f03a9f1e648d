#pragma once

// A time as text. The text is reused within the same second: strftime is the most expensive part of
// a line, and a busy server writes thousands of lines per second.

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>

namespace aio::log {

using wall_time = std::chrono::system_clock::time_point;

struct split_time {
    std::time_t seconds;
    unsigned millis;
};

inline split_time split(wall_time time) noexcept {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::floor<std::chrono::milliseconds>(time - whole);
    return {std::chrono::system_clock::to_time_t(whole), static_cast<unsigned>(rest.count())};
}

enum class zone { local, utc };

class time_text {
  public:
    /// `form` is a format of strftime.
    explicit time_text(std::string form, zone time_zone = zone::local)
        : form_(std::move(form)), in_(time_zone) {}

    std::string_view at(std::time_t seconds);

  private:
    std::string form_;
    zone in_;
    std::time_t seconds_ = 0;
    std::string text_;
    bool known_ = false;
};

/// Appends three digits.
inline void append_millis(std::string& out, unsigned millis) {
    out += static_cast<char>('0' + millis / 100 % 10);
    out += static_cast<char>('0' + millis / 10 % 10);
    out += static_cast<char>('0' + millis % 10);
}

} // namespace aio::log
