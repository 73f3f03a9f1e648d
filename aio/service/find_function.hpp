#pragma once

// Finds the function or class of a module that an option of a section names.

#include <aio/base/api.hpp>
#include <aio/config/tree.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/kind.hpp>

#include <string_view>

namespace aio::service {

/// The item of a kind that an option of a section names; nullptr when it names none, or an item of
/// another kind, which is reported.
AIO_API const module::item* find_function(
    const config::section& from,
    std::string_view option,
    std::string_view kind,
    const planning& plan
);

} // namespace aio::service
