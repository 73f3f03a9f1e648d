#pragma once

// The kernel's part of a loop. For loop.cpp and simulated_loop.cpp.

#include <aio/async/loop.hpp>
#include <aio/async/operation_memory.hpp>
#include <aio/async/wall_alarm.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <memory>
#include <optional>

namespace aio::async {

// One thread runs it, hence the hint; posting from others stays allowed.
struct loop::engine {
    /// Throws base::system_failure with the reason when the system refuses what a loop needs.
    static std::unique_ptr<engine> make();

    struct context : boost::asio::io_context {
        using io_context::io_context;

        /// Destroys what waits here. The context stays: it may still be posted to.
        void close() { shutdown(); }
    };

    /// The loop has at most one of each under way, but for waits of the timer: a wait that another
    /// one has replaced ends a little later.
    struct memory {
        operation_memory<1> later, remote, due, question, wake;
        operation_memory<3> timer;
    };

    memory room; ///< outlives the context
    std::atomic<bool> woken{false};
    context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()
    };
    boost::asio::steady_timer timer{io};
    std::optional<wall_alarm> alarm;
    real_clock clock;
};

} // namespace aio::async
