#pragma once

// An app from the text of its configuration, inside a test:
//
//     aio::testing::run("[server/x]\nprotocol = my.echo\nport = 0\n", [](aio::app::app& app) ->
//     aio::task<void> {
//         …
//     });
//
// It starts, the body runs, it stops; what fails comes out as an exception. Neither files nor the
// environment are read, but for AIO_MODULE_PATH where the text has no `[aio] module_path`: there
// `aio test` says where the modules under test lie.

#include <aio/app/app.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/run.hpp>

#include <functional>
#include <string>

namespace aio::testing {

using app_body = std::function<task<void>(app::app&)>;

struct app_options {
    base::duration wait{0};      ///< between the start and the body
    base::duration linger{0};    ///< between the body and the stop
    captured_log* log = nullptr; ///< hears of everything from before the start

    app_options() = default;

    explicit app_options(captured_log& log_) : log(&log_) {}

    app_options(base::duration wait_, base::duration linger_) : wait(wait_), linger(linger_) {}
};

/// Thrown when the app did not end as it should: something crashed or did not end in time.
struct AIO_API bad_end : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// On the loop of the caller. Throws app::bad_configuration, app::start_failed, what the body
/// threw, or bad_end; after the stop in every case.
AIO_API task<void> with_app(std::string config, app_body body, app_options options = {});

/// The same on a loop of its own.
AIO_API void run(std::string config, app_body body, run_options how = {}, app_options options = {});

} // namespace aio::testing
