#pragma once

// How long the arguments and the environment of a program may be. The system has a limit for each
// single one, and a limit for all together, but only one error code (E2BIG).

#include <aio/base/api.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace aio::process {

/// The bytes that one argument, or one variable with its name, may have.
AIO_API std::size_t longest_argument() noexcept;

/// What E2BIG means for these: "argument 2 has 140000 bytes; one argument may have 131071". The
/// arguments count from 0, the program. No text of them is shown: it may be a secret.
AIO_API std::string reason_too_long(
    const std::vector<std::string>& arguments, const std::vector<std::string>& environment
);

} // namespace aio::process
