#pragma once

// The text of one error, without the errors nested in it.

#include <aio/base/api.hpp>

#include <exception>
#include <string>

namespace aio::base {

/// The text of an error as users read it. Texts of the standard library, Boost and Asio that only
/// programmers understand are replaced, and a lack of descriptors names the limit.
AIO_API std::string words_of(const std::exception& error) noexcept;

} // namespace aio::base
