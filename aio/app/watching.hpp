#pragma once

// Which parts of an app the watchdog looks at.

namespace aio::async {
class loop;
}

namespace aio::app {

class app;
class watchdog;

/// Has the main loop (of the calling thread), all other loops, later ones included, and all units
/// watched. After prepare(). watchdog::retire() and app::watch_loops({}, {}) end it, before the app
/// goes.
void watch_everything(watchdog& dog, app& application, async::loop& main);

} // namespace aio::app
