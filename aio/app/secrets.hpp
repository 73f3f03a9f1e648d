#pragma once

// Which options of aio's own sections hold secrets. Runs no module code.

#include <aio/base/api.hpp>

#include <string_view>

namespace aio::app {

AIO_API bool declared_secret(std::string_view section, std::string_view option);

} // namespace aio::app
