#pragma once

// The runners that a keeper has started and that have not ended.

#include <aio/async/start_inline.hpp>
#include <aio/base/api.hpp>

#include <boost/asio/cancellation_type.hpp>

namespace aio::async {

/// Links its members, oldest first, so it allocates nothing. A runner is in one list at a time. On
/// the loop's thread only.
class AIO_API runner_list {
  public:
    runner_list() = default;
    runner_list(const runner_list&) = delete;
    runner_list& operator=(const runner_list&) = delete;
    ~runner_list();

    runner* first() const noexcept { return first_; }

    void add(runner& member) noexcept;

    /// Leaves the member as it is: its `next` still leads on.
    void drop(runner& member) noexcept {
        (member.previous ? member.previous->next : first_) = member.next;
        (member.next ? member.next->previous : last_) = member.previous;
        if (walks_) [[unlikely]]
            tell_walks(member);
    }

    /// The members have ended with their loop.
    void forget() noexcept { first_ = last_ = nullptr; }

    /// Cancels all that are members now. They may end and others may start meanwhile, and one of
    /// them may destroy the list.
    void cancel(boost::asio::cancellation_type how);

  private:
    class walk;

    void tell_walks(const runner& dropped) noexcept;

    runner* first_ = nullptr;
    runner* last_ = nullptr;
    walk* walks_ = nullptr; ///< those under way, the last one begun first
};

} // namespace aio::async
