#pragma once

// [listen/NAME]: each option is a signal, and each line of its value is a function that listens to
// it. `queue = 100` and `queue_policy = drop_oldest` are no signals, because a function has a dot
// in its name.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/options.hpp>
#include <aio/config/tree.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/kind.hpp>
#include <aio/signal/bus.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::listen {

struct subscription {
    std::string signal;
    const module::item* function = nullptr;
    base::location where; ///< of the line that names the function

    subscription() = default;
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

/// An option that one of the section's functions has declared belongs to that function and is no
/// signal. Options of [DEFAULT] are no signals. Unknown functions are reported at their line.
AIO_API spec read_spec(const config::section& from, service::planning& plan);

/// The same for two items when they are two names of one function.
AIO_API const void* identity_of(const module::item& function);

/// The identity of a call: a function hears each signal once.
using call_key = std::pair<std::string_view, const void*>;

/// It is valid as long as the subscription.
AIO_API call_key key_of(const subscription& listed);

/// Reports a function that listens to one signal in two sections which differ in anything but
/// their names: it is called once for each emit, so one of the two could only be ignored.
AIO_API void check(const std::vector<spec>& sections, base::diagnostics& problems);

} // namespace aio::listen
