#pragma once

// Modules that are linked into the library itself; the list is modules/builtin.cpp.

#include <aio/base/api.hpp>
#include <aio/module/entry.hpp>

#include <span>
#include <string_view>

namespace aio::module {

struct builtin {
    const entry* of;
    std::string_view defaults; ///< the text of its aio.conf; empty: it has none
};

AIO_API std::span<const builtin> builtins() noexcept;

} // namespace aio::module
