#pragma once

// An open handler: a level, a format and an output behind a lock.

#include <aio/log/complaints.hpp>
#include <aio/log/descriptor.hpp>
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

    virtual void log(const record& entry) = 0;

    /// True when log() may keep lines until flush().
    virtual bool collects() const noexcept { return false; }

    virtual void flush() noexcept {}

    /// True for a sink of a module: how long its flush takes is unknown.
    virtual bool flush_may_hang() const noexcept { return false; }

    /// The same as flush(), but returns at once when another thread is writing. Does nothing when
    /// flush_may_hang().
    virtual void flush_if_free() noexcept {}

    /// The error as a text; empty when there is none.
    virtual std::string reopen() { return {}; }

    /// Standard output or error is another file now.
    virtual void standard_output_replaced() noexcept {}

    virtual std::string give_to(uid_t, gid_t) { return {}; }

    /// False while its records go to standard error, because nobody takes them.
    virtual bool reached() { return true; }

  private:
    level at_least_;
};

/// Opens a handler. Throws std::exception with a readable reason. The handler keeps `services`.
std::shared_ptr<handler> open_handler(
    const handler_spec& spec,
    const formatter_spec& formatter,
    const std::string& directory,
    std::shared_ptr<output_services> services
);

/// A sink that a module made. Each record reaches it as the text of the formatter.
std::shared_ptr<handler> open_sink(
    const handler_spec& spec,
    const custom_args& args,
    const formatter_spec& formatter,
    std::shared_ptr<output_services> services
);

/// Wraps any sink of spdlog, which keeps its own level and pattern.
std::shared_ptr<handler>
wrap_sink(std::shared_ptr<spdlog::sinks::sink> sink, std::shared_ptr<output_services> services);

/// Calls a function with each record, one at a time, until stop().
class function_handler final : public handler {
  public:
    explicit function_handler(std::function<void(const record&)> call);
    ~function_handler() override;
    void log(const record& entry) override;
    /// Once this returns, no call is running and none will follow.
    void stop();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace aio::log
