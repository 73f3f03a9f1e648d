#pragma once

// Which parts of an app the watchdog looks at.

namespace aio::async {
class loop;
}

namespace aio::app {

class app;
class watchdog;

/// Makes the watchdog watch the main loop (that of the calling thread), all other loops, including
/// later ones, and all units. After prepare(). watchdog::retire() and app::watch_loops({}, {}) have
/// to end it before the app is destroyed.
void watch_everything(watchdog& dog, app& application, async::loop& main);

} // namespace aio::app
