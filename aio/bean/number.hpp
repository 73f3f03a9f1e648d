#pragma once

// Numbers among the arguments of a bean.

#include <aio/base/api.hpp>
#include <aio/bean/context.hpp>

#include <cstddef>
#include <string_view>

namespace aio::bean {

struct number_range {
    std::size_t least = 0;
    std::size_t most = 0;

    number_range(std::size_t least_, std::size_t most_) : least(least_), most(most_) {}
};

/// Throws std::invalid_argument, naming the argument, when it is given and is none in this range.
AIO_API std::size_t
number_of(const context& given, std::string_view name, std::size_t otherwise, number_range within);

} // namespace aio::bean
