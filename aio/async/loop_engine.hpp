#pragma once

// The kernel's part of a loop. For loop.cpp and simulated_loop.cpp.

#include <aio/async/loop.hpp>
#include <aio/async/wall_alarm.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

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

    context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()
    };
    boost::asio::steady_timer timer{io};
    std::optional<wall_alarm> alarm;
    real_clock clock;
};

} // namespace aio::async
