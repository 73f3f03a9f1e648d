#pragma once

// One handler that is open: a level, a format and an output behind a lock. spdlog's sinks are the
// shape underneath, so that any of them can be a handler too.

#include <aio/log/complaints.hpp>
#include <aio/log/record.hpp>
#include <aio/log/spec.hpp>

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

namespace spdlog::sinks {
class sink;
}

namespace aio::log {

/// All members but the constructor are thread-safe.
class handler {
  public:
    explicit handler(level at_least) : at_least_(at_least) {}

    handler(const handler&) = delete;
    handler& operator=(const handler&) = delete;
    virtual ~handler();

    level at_least() const noexcept { return at_least_; }

    virtual void log(const record& one) = 0;

    virtual void flush() {}

    /// The same unless somebody is writing: waits for nobody.
    virtual void flush_if_free() {}

    /// What is wrong, empty when nothing is.
    virtual std::string reopen() { return {}; }

    virtual std::string give_to(uid_t, gid_t) { return {}; }

  private:
    level at_least_;
};

/// Opens it. Throws std::runtime_error with a readable reason.
std::shared_ptr<handler> open_handler(
    const handler_spec& of, const formatter_spec& with, const std::string& directory, complaints& to
);

/// Any sink of spdlog's.
std::shared_ptr<handler> wrap_sink(std::shared_ptr<spdlog::sinks::sink> sink);

/// Calls a function with each record, one at a time, until stop().
class function_handler final : public handler {
  public:
    explicit function_handler(std::function<void(const record&)> call);
    ~function_handler() override;
    void log(const record& one) override;
    /// No call is running and none will come once this returns.
    void stop();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace aio::log
