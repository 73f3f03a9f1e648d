#pragma once

// Code that logs while it handles a record would call itself without end, or wait for a lock that
// its own thread holds.

namespace aio::log {

/// While one lives, what this thread logs is dropped. Held around every call of handlers, and of
/// the sinks of modules. They nest.
class handler_scope {
  public:
    handler_scope() noexcept;
    handler_scope(const handler_scope&) = delete;
    handler_scope& operator=(const handler_scope&) = delete;
    ~handler_scope();

    /// Whether one lives on this thread.
    static bool entered() noexcept;

  private:
    bool before_;
};

} // namespace aio::log
