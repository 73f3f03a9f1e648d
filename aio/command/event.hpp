#pragma once

// The argument of a command that a module defines: the words of the command line, the merged
// configuration and a logger. No app runs around it.

#include <aio/base/api.hpp>
#include <aio/config/schema.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aio::config {
class tree;
}

namespace aio::log {
class logger;
}

namespace aio::command {

/// Typed values of declared options by name; monostate: neither given nor a default.
using values = std::map<std::string, config::typed, std::less<>>;

struct event_data {
    std::string name;                   ///< "hello" of `aio hello`
    std::vector<std::string> arguments; ///< words that are no declared option, in order
    values options;
    const config::tree* config = nullptr;
    log::logger* log = nullptr;

    event_data() = default;
};

/// Lifted as aio::command_event. Cheap to copy, valid until the command returns.
class AIO_API event {
  public:
    explicit event(std::shared_ptr<const event_data> data) : data_(std::move(data)) {}

    const std::string& name() const noexcept { return data_->name; }

    /// All arguments after the command's name; without the declared options, if it declares any.
    const std::vector<std::string>& arguments() const noexcept { return data_->arguments; }

    /// The value of a declared option, or its default. Throws config::option_error when the option
    /// is not declared, has another type, or has neither value nor default.
    template <typename T>
    T option(std::string_view name) const {
        using stored = config::typed_as<T>;
        const config::typed wanted{stored{}};
        return static_cast<T>(std::get<stored>(at(name, wanted.index())));
    }

    /// The same, or nothing when there is neither value nor default.
    template <typename T>
    std::optional<T> find(std::string_view name) const {
        return has(name) ? std::optional<T>(option<T>(name)) : std::nullopt;
    }

    const config::tree& config() const noexcept { return *data_->config; }

    log::logger& log() const noexcept { return *data_->log; }

  private:
    const config::typed& at(std::string_view name, std::size_t index) const;
    bool has(std::string_view name) const;

    std::shared_ptr<const event_data> data_;
};

} // namespace aio::command
