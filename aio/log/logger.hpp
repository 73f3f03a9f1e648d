#pragma once

// A named logger. Loggers form a tree by the dots in their names, and write to the handlers of the
// tree (aio/log/tree.hpp). Modules include this header, so it does not include spdlog.

#include <aio/base/api.hpp>
#include <aio/log/level.hpp>

#include <fmt/core.h>

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

namespace aio::log {

class tree;

/// Lives as long as its tree and never moves. Every member may be called from any thread.
class AIO_API logger {
  public:
    logger(const logger&) = delete;
    logger& operator=(const logger&) = delete;
    virtual ~logger();

    /// One load and one compare: the whole cost of a call that is filtered out.
    bool enabled(level severity) const noexcept {
        return static_cast<int>(severity) >= threshold_.load(std::memory_order_relaxed);
    }

    template <typename... Args>
    void log(level severity, fmt::format_string<Args...> format, Args&&... args) {
        if (enabled(severity)) [[unlikely]]
            write(severity, format, fmt::make_format_args(args...));
    }

    template <typename... Args>
    void trace(fmt::format_string<Args...> format, Args&&... args) {
        log(level::trace, format, std::forward<Args>(args)...);
    }

    template <typename... Args>
    void debug(fmt::format_string<Args...> format, Args&&... args) {
        log(level::debug, format, std::forward<Args>(args)...);
    }

    template <typename... Args>
    void info(fmt::format_string<Args...> format, Args&&... args) {
        log(level::info, format, std::forward<Args>(args)...);
    }

    template <typename... Args>
    void warning(fmt::format_string<Args...> format, Args&&... args) {
        log(level::warning, format, std::forward<Args>(args)...);
    }

    template <typename... Args>
    void error(fmt::format_string<Args...> format, Args&&... args) {
        log(level::error, format, std::forward<Args>(args)...);
    }

    template <typename... Args>
    void critical(fmt::format_string<Args...> format, Args&&... args) {
        log(level::critical, format, std::forward<Args>(args)...);
    }

    const std::string& name() const noexcept { return name_; }

    /// The logger `name() + "." + relative` of the same tree ("relative" for the root).
    virtual logger& child(std::string_view relative) = 0;

  protected:
    explicit logger(std::string name) : name_(std::move(name)) {}

    /// Formats and hands the record to the handlers. Never throws: what cannot be written is
    /// counted and reported on standard error, at most once a second.
    virtual void write(level severity, fmt::string_view format, fmt::format_args args) = 0;

    std::atomic<int> threshold_{static_cast<int>(level::info)};

  private:
    std::string name_;
};

} // namespace aio::log
