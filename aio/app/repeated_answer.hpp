#pragma once

// Answers the requests of a signal on a loop, one answer after another.

#include <aio/app/repeated_request.hpp>
#include <aio/async/standing_call.hpp>
#include <aio/async/task.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <exception>
#include <functional>
#include <string>

namespace aio::app {

/// One kind of request. An answer that fails does not keep later requests from being answered.
class AIO_API repeated_answer {
  public:
    struct options {
        std::string name;     ///< of the task that makes the answers
        base::duration pause; ///< between two answers in a row: the loop needs time for other work
        std::function<task<void>()> answer;
        /// Gets the error of an answer. Not called for operation_aborted. Throws nothing.
        std::function<void(std::exception_ptr)> failed;
    };

    /// The answers are made by a task of `owner`, which has to end before this object; the loop of
    /// `owner` is closed before this object is destroyed.
    repeated_answer(async::task_group& owner, options how);
    repeated_answer(const repeated_answer&) = delete;
    repeated_answer& operator=(const repeated_answer&) = delete;

    /// Causes an answer that begins after this call. From any thread. Allocates nothing; the task
    /// of the answer needs memory.
    void request() noexcept;

  private:
    void spawn();
    task<void> answer_once();
    task<void> answer_all();

    async::task_group& owner_;
    const options how_;
    repeated_request request_;
    async::standing_call<repeated_answer, &repeated_answer::spawn> begins_{*this};
};

} // namespace aio::app
