#pragma once

// The lines of sources by their numbers, for whoever shows many messages about one large source.

#include <aio/base/diagnostic.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::base {

/// Reads each source once, at the first question about it.
class AIO_API source_lines {
  public:
    /// line_at() of this source.
    std::string_view line(const std::shared_ptr<const source>& from, std::uint32_t number);

  private:
    struct known {
        std::shared_ptr<const source> from; ///< keeps the text where it is
        std::vector<std::string_view> lines;
    };

    std::map<const source*, known> sources_;
};

/// full_hint() of one message of many.
AIO_API std::string full_hint(const diagnostic& message, source_lines& sources);

} // namespace aio::base
