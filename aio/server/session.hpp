#pragma once

// One connection of a server as its lane sees it. Two makes: a coroutine over a stream, callbacks
// over a transport; either in one allocation. One timer each: the deadline of the TLS handshake,
// then the watchdog for silence, at last the patience with a peer that does not close.

#include <aio/async/timer_queue.hpp>
#include <aio/base/units.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <system_error>

namespace aio::server {

class lane;

class session : public async::timer {
  public:
    static constexpr base::duration handshake_limit = std::chrono::seconds(10);
    static constexpr base::duration linger_limit = std::chrono::seconds(2);
    /// For a peer that has to read before there is room for the close_notify of TLS.
    static constexpr base::duration last_record_limit = std::chrono::seconds(60);
    static constexpr base::duration hurried_linger = std::chrono::milliseconds(200);

    virtual ~session();

    /// Watched and, unless TLS comes first, served. May be gone afterwards. Throws
    /// std::system_error before anything was done.
    virtual void begin() = 0;
    /// The server stops: ends what waits for input, lets the rest finish. Stays until later.
    virtual void tell() noexcept = 0;
    /// Ends what still runs.
    virtual void cancel() noexcept = 0;
    /// "connection from 127.0.0.1:4242 awaits read for 2.1 s"
    virtual std::string unfinished() const = 0;

  protected:
    explicit session(lane& of) noexcept : lane_(of) {}

    void arm(base::duration in);
    void disarm() noexcept;
    /// Starts the watchdog, when there is an idle_timeout.
    void watch_silence();
    void moved() noexcept;
    /// Silent for idle_timeout; the watchdog was set again.
    virtual void silent() noexcept = 0;
    /// The time for handshake or lingering is over.
    virtual void expired() noexcept = 0;
    void report(const std::string& who, std::exception_ptr why) const noexcept;
    void debug(const std::string& who, const std::error_code& why) const noexcept;

    lane& lane_;

  private:
    friend class lane;
    void fire() override;

    session* previous_ = nullptr;
    session* next_ = nullptr;
    async::time_point moved_{};
    bool watching_ = false;
};

} // namespace aio::server
