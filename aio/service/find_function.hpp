#pragma once

// From an option of a section to the function or class of a module that it names.

#include <aio/base/api.hpp>
#include <aio/config/tree.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/kind.hpp>

#include <string_view>

namespace aio::service {

/// The item of a kind that an option of a section names; nullptr when it names none, or something
/// else, which is reported already.
AIO_API const module::item* find_function(
    const config::section& from,
    std::string_view option,
    std::string_view kind,
    const planning& with
);

} // namespace aio::service
