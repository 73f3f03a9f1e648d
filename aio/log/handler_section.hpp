#pragma once

// What a module's log handler is made from: the section [handler_x] that names it, with the typed
// values of the options that it declared. Thin: part of aio/module.hpp.

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

namespace spdlog::sinks {
class sink;
}

namespace aio::log {

/// Lifted as aio::log_handler_section.
class AIO_API handler_section {
  public:
    /// Typed values of declared options by name; monostate: neither given nor a default.
    using values = std::map<std::string, config::typed, std::less<>>;

    handler_section() = default;

    handler_section(std::string name, values options)
        : name_(std::move(name)), options_(std::move(options)) {}

    /// "handler_x".
    const std::string& name() const noexcept { return name_; }

    /// A declared option: what was given, by its name or by its place in `args`, or its default.
    /// Throws config::option_error when it is not declared, of another type, or has neither.
    template <typename T>
    T option(std::string_view name) const {
        using stored = config::typed_as<T>;
        return static_cast<T>(std::get<stored>(at(name, config::typed{stored{}}.index())));
    }

    /// The same, or nothing when there is neither value nor default.
    template <typename T>
    std::optional<T> find(std::string_view name) const {
        return has(name) ? std::optional<T>(option<T>(name)) : std::nullopt;
    }

  private:
    const config::typed& at(std::string_view name, std::size_t index) const;
    bool has(std::string_view name) const;

    std::string name_;
    values options_;
};

/// Makes the sink that a handler writes to. Its exceptions are reported with the place of the
/// section.
using make_sink = std::function<std::shared_ptr<spdlog::sinks::sink>(const handler_section&)>;

/// A handler class of a module, found by its dotted name.
struct offered_handler {
    std::shared_ptr<const make_sink> make;
    config::schema options;
};

} // namespace aio::log
