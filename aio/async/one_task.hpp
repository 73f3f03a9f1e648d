#pragma once

// A source that gives a runner one task. Private to async/.

#include <aio/async/start_inline.hpp>
#include <aio/async/task.hpp>

#include <exception>
#include <utility>

namespace aio::async {

struct one_task final : source {
    explicit one_task(task<void> only) noexcept : work(std::move(only)) {}

    bool next(task<void>& into) noexcept override {
        into = std::move(work);
        last_ = true;
        return into.valid();
    }

    void failed(std::exception_ptr reason) noexcept override { why = std::move(reason); }

    task<void> work;
    std::exception_ptr why;
};

} // namespace aio::async
