#pragma once

// Names the listeners that an emit waits for.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::signal {

/// "listeners of ticked (my.example.on_ticked, my.other.hears)": those on this loop that have
/// suspended in an emit of `signal`, each once. Without any: "listeners of ticked". Loop's thread.
AIO_API std::string listeners_at_work(async::loop& home, std::string_view signal);

} // namespace aio::signal
