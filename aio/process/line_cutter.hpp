#pragma once

// Cuts the bytes that come out of a pipe into lines for the log. Keeps the beginning of one line
// only.

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace aio::process {

class AIO_API line_cutter {
  public:
    /// Called with each line, without its end (LF or CRLF). A line longer than `longest` bytes is
    /// cut after a whole UTF-8 character, and `cut` is the number of bytes left out.
    using sink = std::function<void(std::string_view line, std::uint64_t cut)>;

    static constexpr std::size_t longest = 65'536;

    explicit line_cutter(sink target) : target_(std::move(target)) {}

    void take(std::string_view bytes);
    /// Hands over what came after the last newline as a line.
    void end();

  private:
    void keep(std::string_view part);
    void give();

    sink target_;
    std::string kept_;
    std::uint64_t cut_ = 0;
};

} // namespace aio::process
