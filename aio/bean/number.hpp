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

/// Declares the options of a producer_consumer. Their defaults are those of the constructor.
AIO_API void declare_flow(config::schema& schema);

/// The value in the section, or the default that the option was declared with; otherwise
/// `standard`. Throws std::invalid_argument, which names the argument, when the value is no number
/// in this range.
AIO_API std::size_t number_of(
    const context& context, std::string_view name, std::size_t standard, config::number_range range
);

} // namespace aio::bean
