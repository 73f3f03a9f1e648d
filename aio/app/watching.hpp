#pragma once

// What of an app the watchdog looks at.

namespace aio::async {
class loop;
}

namespace aio::app {

class app;
class watchdog;

/// The main loop, which is this thread's, the others and all units: from prepare() on, until
/// unwatch_all(), which comes before the app goes.
void watch_everything(watchdog& by, app& of, async::loop& main);

} // namespace aio::app
