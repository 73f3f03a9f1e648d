#pragma once

// An app from the text of its configuration, inside a test:
//
//     aio::testing::run("[server/x]\nprotocol = my.echo\nport = 0\n", [](aio::app::app& app) ->
//     aio::task<void> {
//         …
//     });
//
// The app starts, the body runs, the app stops; a failure is thrown. Files and the environment are
// not read, except for AIO_MODULE_PATH when the text sets no `[aio] module_path`: `aio test` sets
// it to the folder of the modules under test.

#include <aio/app/app.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/network.hpp>
#include <aio/testing/run.hpp>

#include <functional>
#include <memory>
#include <string>

namespace aio::testing {

using app_body = std::function<task<void>(app::app&)>;

struct app_options {
    base::duration wait{0};      ///< between the start and the body
    base::duration linger{0};    ///< between the body and the stop
    captured_log* log = nullptr; ///< collects what is logged, from before the start on
    /// What the app listens and connects in; nullptr: in that of its loop, by default the system's.
    std::shared_ptr<net::connectivity> net;

    app_options() = default;

    explicit app_options(captured_log& log_) : log(&log_) {}

    explicit app_options(const testing::network& net_) : net(net_.seam()) {}

    app_options(const testing::network& net_, captured_log& log_) : log(&log_), net(net_.seam()) {}

    app_options(base::duration wait_, base::duration linger_) : wait(wait_), linger(linger_) {}
};

/// Thrown when the app did not end well: something crashed, or did not end in time.
struct AIO_API bad_end : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Runs an app around a body.
/// Completes: when the app has stopped.
/// Loop: any; the app runs on it.
/// Cancelled: the body is cancelled, and the app is stopped.
/// Throws: app::bad_configuration, app::start_failed, what the body throws, or bad_end; always
/// after the stop.
AIO_API task<void> with_app(std::string config, app_body body, app_options options = {});

/// The same on a loop of its own.
AIO_API void run(std::string config, app_body body, run_options how = {}, app_options options = {});

} // namespace aio::testing
