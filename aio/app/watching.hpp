#pragma once

// What of an app the watchdog looks at.

namespace aio::async {
class loop;
}

namespace aio::app {

class app;
class watchdog;

/// The main loop, which is this thread's, the others, also those opened later, and all units: from
/// prepare() on, until unwatch_all() and app::watch_loops({}, {}), which come before the app and
/// the watchdog go.
void watch_everything(watchdog& by, app& of, async::loop& main);

} // namespace aio::app
