#pragma once

// The outcome of a run: the functions of `cb` and `err` are called with it.

#include <aio/base/api.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/mistake.hpp>
#include <aio/schedule/event.hpp>

#include <any>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <utility>

namespace aio::schedule {

/// Thrown when a result is read as another type than it has; the message names both.
class AIO_API result_error : public base::mistake {
  public:
    result_error(
        const std::string& schedule, const std::type_info& has, const std::type_info& asked
    );
};

/// Known as aio::scheduled_result: the event of a run, and its outcome.
class AIO_API result : public event {
  public:
    result(event run_event, std::any value, std::exception_ptr error, base::duration took);

    bool failed() const noexcept { return error_ != nullptr; }

    /// What the function returned. Throws result_error when that has another type, or is nothing.
    template <typename T>
    const T& value() const {
        if (const T* found = std::any_cast<T>(value_.get()))
            return *found;
        throw result_error(name(), value_->type(), typeid(T));
    }

    /// The same; nullptr when it has another type.
    template <typename T>
    const T* value_if() const noexcept {
        return std::any_cast<T>(value_.get());
    }

    const std::any& any() const noexcept { return *value_; }

    /// What the function threw; nullptr when it threw nothing.
    const std::exception_ptr& error() const noexcept { return error_; }

    /// The message of the error; empty when there is none.
    std::string message() const;

    /// How long the function ran.
    base::duration took() const noexcept { return took_; }

  private:
    std::shared_ptr<const std::any> value_;
    std::exception_ptr error_;
    base::duration took_;
};

using base::message_of;

/// The error of a run that took longer than `timeout` and was cancelled.
class AIO_API timed_out : public std::runtime_error {
  public:
    explicit timed_out(base::duration limit);
};

} // namespace aio::schedule
