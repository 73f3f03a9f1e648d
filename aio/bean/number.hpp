#pragma once

// Numbers among the arguments of a bean.

#include <aio/base/api.hpp>
#include <aio/bean/context.hpp>
#include <aio/config/number.hpp>
#include <aio/config/schema.hpp>

#include <cstddef>
#include <string_view>

namespace aio::bean {

inline constexpr config::number_range consumers_range(1, 100000);
inline constexpr config::number_range queue_size_range(1, 100000000);

/// What a producer_consumer takes. Without defaults: those are the constructor's.
AIO_API void declare_flow(config::schema& to);

/// What the section says, or what the option was declared with; else `otherwise`. Throws
/// std::invalid_argument, naming the argument, when it is none in this range.
AIO_API std::size_t number_of(
    const context& given, std::string_view name, std::size_t otherwise, config::number_range within
);

} // namespace aio::bean
