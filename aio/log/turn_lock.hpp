#pragma once

// Lets one process at a time turn a log file.

namespace aio::log {

/// Held while a file is turned. Nobody waits for it. It is a write lock of fcntl(), which only a
/// process that may write the log can hold: a user who may only read it cannot stop the turn.
class turn_lock {
  public:
    /// `file` is open for writing.
    explicit turn_lock(int file) noexcept;
    turn_lock(const turn_lock&) = delete;
    turn_lock& operator=(const turn_lock&) = delete;
    ~turn_lock();

    /// Whether the file may be turned. Without locks of the file system, and while a reader holds
    /// a read lock, it may be turned without the lock: no step of a turn overwrites a file.
    explicit operator bool() const noexcept { return state_ != state::busy; }

    /// The descriptor was closed, and the lock has ended with it.
    void ended() noexcept;
    /// Gives back a lock of the file before it is closed: children may hold the same open file as
    /// their standard output, and the lock with it.
    static void release(int file) noexcept;

  private:
    enum class state {
        held,
        busy,   ///< another process may turn the file now
        without ///< nobody can have the lock
    };

    static state take(int file) noexcept;

    int file_;
    state state_;
};

} // namespace aio::log
