#pragma once

// The `args` of a handler: a Python literal, `("x.log", 'a', 10 * 1024 * 1024, None)`. Parsed, not
// evaluated: texts, numbers and their products, True, False, None, dotted names and tuples.

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aio::log {

struct literal {
    struct none {};

    /// sys.stdout, handlers.SYSLOG_UDP_PORT: the caller decides what the name means.
    struct dotted {
        std::string name;
    };

    using tuple = std::vector<literal>;

    std::variant<none, bool, std::int64_t, double, std::string, dotted, tuple> value;
    std::size_t offset = 0; ///< byte where it starts
};

struct literal_error {
    std::size_t offset = 0;
    std::string text;
};

/// The tuple (or list) that `text` contains; nothing, with `error` filled, when it is something
/// else.
AIO_API std::optional<literal::tuple> parse_arguments(std::string_view text, literal_error& error);

} // namespace aio::log
