#pragma once

// [listen/NAME]: each option is a signal, each line of its value a function that listens to it.
// `queue = 100` and `queue_policy = drop_oldest` are no signals: a function has a dot in its name.

#include <aio/base/api.hpp>
#include <aio/config/options.hpp>
#include <aio/config/tree.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/kind.hpp>
#include <aio/signal/bus.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace aio::listen {

struct subscription {
    std::string signal;
    const module::item* function = nullptr;
};

struct spec {
    std::string section; ///< "listen/hello"
    std::string name;    ///< "hello"
    std::vector<subscription> all;
    config::options options; ///< those its functions declared
    std::size_t queue = 0;   ///< as in signal::listen_options
    signal::queue_policy policy = signal::queue_policy::wait;

    spec() = default;
};

/// An option that one of the section's functions declared is that function's, not a signal. What
/// [DEFAULT] holds never becomes one. Unknown functions are reported at their line.
AIO_API spec read_spec(const config::section& from, service::planning& with);

} // namespace aio::listen
