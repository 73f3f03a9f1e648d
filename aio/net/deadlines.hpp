#pragma once

// How long a connection waits for its peer. Pure: the connection tells when it waits, and the one
// timer of its owner asks what is over. The timer is moved only to an earlier time; when it fires
// too early it is set anew.

#include <aio/async/clock.hpp>
#include <aio/base/units.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace aio::net {

/// The direction that waits.
enum class side : std::uint8_t { reading, writing };

/// For how long each side waits without progress; nothing: for ever.
struct patience {
    std::optional<base::duration> reading;
    std::optional<base::duration> writing;
};

class deadlines {
  public:
    using time_point = async::time_point;

    /// What is over, and why.
    enum class end : std::uint8_t {
        nothing,
        patience, ///< there was no progress for too long
        deadline, ///< the absolute deadline has come
    };

    /// In place of the patience before; counts for waits that have begun, too. What was shortened
    /// stays so.
    void set(const patience& wanted) noexcept {
        of(side::reading).set(wanted.reading);
        of(side::writing).set(wanted.writing);
    }

    /// `which` has a patience of `most` from now on. A wait that has begun counts from `now`.
    void shorten(side which, base::duration most, time_point now) noexcept {
        auto& wait = of(which);
        wait.most = std::min(wait.most, most);
        wait.patience = std::min(wait.patience, most);
        if (wait.since != async::never)
            wait.since = now;
    }

    /// One deadline for all waits; async::never: none.
    void expires_at(time_point when) noexcept { deadline_ = when; }

    time_point deadline() const noexcept { return deadline_; }

    /// `which` waits, since `now` unless it did before.
    void begin(side which, time_point now) noexcept {
        auto& wait = of(which);
        wait.verdict = end::nothing;
        if (wait.since == async::never)
            wait.since = now;
    }

    /// Data of the waiting side has moved: the patience begins anew, even if it was over.
    void progress(side which, time_point now) noexcept {
        auto& wait = of(which);
        if (wait.since == async::never && wait.verdict != end::patience)
            return;
        wait.since = now;
        wait.verdict = end::nothing;
    }

    /// `which` waits no longer, and has no verdict.
    void finish(side which) noexcept {
        of(which).since = async::never;
        of(which).verdict = end::nothing;
    }

    bool waits(side which) const noexcept { return of(which).since != async::never; }

    /// Why the wait of `which` is over at `now`; nothing when it is not, or does not wait.
    end over(side which, time_point now) const noexcept {
        const auto& wait = of(which);
        if (wait.since == async::never)
            return end::nothing;
        if (deadline_ <= now)
            return end::deadline;
        return wait.over() <= now ? end::patience : end::nothing;
    }

    /// Ends the wait of `which` if it is over at `now`; verdict() then tells why.
    bool expire(side which, time_point now) noexcept {
        const end why = over(which, now);
        if (why == end::nothing)
            return false;
        of(which).since = async::never;
        of(which).verdict = why;
        return true;
    }

    /// Why the wait of `which` was ended by expire(), until it waits again or has finished.
    end verdict(side which) const noexcept { return of(which).verdict; }

    /// When something is over unless there is progress before; async::never: nothing waits, or
    /// without an end.
    time_point due() const noexcept {
        time_point first = async::never;
        for (const auto& wait : sides_)
            if (wait.since != async::never)
                first = std::min({first, deadline_, wait.over()});
        return first;
    }

    /// The timer has to fire at the result; nothing: it is set early enough.
    std::optional<time_point> move_timer() noexcept {
        const time_point when = due();
        if (when >= timer_)
            return std::nullopt;
        timer_ = when;
        return when;
    }

    /// The timer has fired, and has to fire again at the result; async::never: not before
    /// move_timer() says so.
    time_point timer_fired() noexcept { return timer_ = due(); }

  private:
    struct wait {
        base::duration patience = base::duration::max();
        base::duration most = base::duration::max(); ///< that the patience may be
        time_point since = async::never;
        deadlines::end verdict = deadlines::end::nothing;

        void set(const std::optional<base::duration>& wanted) noexcept {
            patience = std::min(wanted.value_or(base::duration::max()), most);
        }

        time_point over() const noexcept { return async::later(since, patience); }
    };

    wait& of(side which) noexcept { return sides_[static_cast<std::size_t>(which)]; }

    const wait& of(side which) const noexcept { return sides_[static_cast<std::size_t>(which)]; }

    wait sides_[2];
    time_point deadline_ = async::never;
    time_point timer_ = async::never; ///< the timer fires at it, or before
};

} // namespace aio::net
