#pragma once

// The visible state of a running task: its name, its owner, what it awaits and since when. SIGUSR2,
// the log of a stop and the tests print it. Primitives write it with two stores.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aio::async {

class loop;

enum class node_kind : std::uint8_t {
    shown, ///< nothing but what is shown
    run,   ///< a runner: it runs coroutines
};

/// Belongs to its loop and keeps its address as long as the loop exists, because an executor may
/// outlive its task. Only the loop's thread reads it.
class AIO_API task_node {
  public:
    explicit task_node(loop& home, node_kind kind = node_kind::shown) noexcept
        : home_(&home), kind_(kind) {}

    task_node(const task_node&) = delete;
    task_node& operator=(const task_node&) = delete;

    loop& home() const noexcept { return *home_; }

    node_kind kind() const noexcept { return kind_; }

    /// The node of the task an executor was taken from; nullptr for an executor of another library,
    /// and for one that is not bound to a task.
    static task_node* of(const boost::asio::any_io_executor& executor) noexcept;

    std::string name;             ///< "tick", "connection from 127.0.0.1:4242"
    std::string_view owner;       ///< the section it works for: "server/web"
    const char* awaits = nullptr; ///< "sleep", valid while it waits; nullptr: foreign
    time_point since{};

    /// Makes the name when it is needed, in place of `name`; called with `subject`.
    std::string (*describe)(const void* subject) = nullptr;
    const void* subject = nullptr;

  protected:
    /// Makes `name` the whole text, so that `owner` and `subject` may end before the task.
    void keep_text() noexcept;

    void forget_subject() noexcept {
        owner = {};
        describe = nullptr;
        subject = nullptr;
    }

  private:
    friend class task_node_list;
    loop* home_;
    task_node* previous_ = nullptr;
    task_node* next_ = nullptr;
    node_kind kind_;
};

/// The living tasks of a loop or of a group, oldest first.
class AIO_API task_node_list {
  public:
    void add(task_node& task) noexcept;
    void remove(task_node& task) noexcept;

    template <typename F>
    void each(F f) const {
        for (const task_node* task = first_; task; task = task->next_)
            f(*task);
    }

  private:
    task_node* first_ = nullptr;
    task_node* last_ = nullptr;
};

/// The content of a node at one moment.
struct task_info {
    std::string name;
    std::string owner;
    std::string awaits; ///< "sleep", "a foreign operation"
    duration lasts{};   ///< since when, counted back from now

    /// "schedule/tick: tick awaits sleep for 1.2 s"
    AIO_API std::string text() const;
};

AIO_API task_info describe(const task_node& task, time_point now);

} // namespace aio::async
