#pragma once

// One connection of a client, as the client sees it. Private to client/.

#include <aio/base/units.hpp>
#include <aio/client/shared.hpp>
#include <aio/net/traffic.hpp>
#include <aio/protocols/closing.hpp>
#include <aio/protocols/watchdog.hpp>

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::client {

class session {
  public:
    /// Called once, when the protocol has ended. The socket may still wait for its peer.
    using end_handler = std::function<void(std::exception_ptr why)>;

    session(shared& all, end_handler ended) : all_(all), ended_(std::move(ended)) {
        all_.add(*this);
    }

    session(const session&) = delete;
    session& operator=(const session&) = delete;
    virtual ~session() = default;

    /// The client stops: ends a wait for input and lets the rest finish.
    virtual void tell() noexcept = 0;
    /// Cancels the protocol, unless that is a task, which its group cancels, and the wait for the
    /// peer. The session may be destroyed when this returns.
    virtual void cancel() noexcept = 0;
    /// What it waits for when no task runs for it; empty when one does.
    virtual std::string unfinished() const = 0;

  protected:
    // For protocols::session_over.
    static constexpr std::string_view direction = "to";

    protocols::stage owner_stage() const noexcept {
        using enum protocols::stage;
        return all_.now == shared::phase::cancelled  ? cancelled
               : all_.now >= shared::phase::stopping ? stopping
                                                     : serving;
    }

    base::duration linger_time() const noexcept { return all_.spec().linger; }

    protocols::silence_limits owner_limits() const noexcept { return {all_.spec().idle_timeout}; }

    net::traffic& owner_traffic() const noexcept { return all_.counted.traffic; }

    void tell_silent(protocols::silence) const noexcept {}

    void forget() noexcept { all_.remove(*this); }

    /// The protocol has ended.
    void protocol_ended(std::exception_ptr why) noexcept;

    shared& all_; ///< until forget()

  private:
    end_handler ended_;
};

} // namespace aio::client
