#pragma once

// Every option there is, of every section aio or a module owns.

#include <aio/app/plan.hpp>
#include <aio/base/api.hpp>
#include <aio/config/render.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aio::app {

/// Sections of aio, then what the functions of the loaded modules declare.
AIO_API std::vector<config::schema_listing> schemas(const plan& of);

/// True for options that aio's own sections declare secret. Runs no module code.
AIO_API bool declared_secret(std::string_view section, std::string_view option);

} // namespace aio::app
