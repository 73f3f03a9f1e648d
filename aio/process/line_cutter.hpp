#pragma once

// Bytes as they come out of a pipe → lines for the log. Keeps one line's beginning, never more.

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace aio::process {

class AIO_API line_cutter {
  public:
    /// Gets each line without its end (LF or CRLF). Of one longer than `longest` bytes it gets the
    /// beginning, up to a whole UTF-8 character, and how many bytes were `cut` off.
    using sink = std::function<void(std::string_view line, std::uint64_t cut)>;

    static constexpr std::size_t longest = 65'536;

    explicit line_cutter(sink to) : to_(std::move(to)) {}

    void take(std::string_view bytes);
    /// What came after the last newline is a line, too.
    void end();

  private:
    void keep(std::string_view part);
    void give();

    sink to_;
    std::string kept_;
    std::uint64_t cut_ = 0;
};

} // namespace aio::process
