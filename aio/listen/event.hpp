#pragma once

// What a listener of [listen/NAME] receives: the signal, and the context of its section.

#include <aio/service/context.hpp>
#include <aio/signal/event.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::listen {

/// Lifted into aio. As the parameter of a listener it is valid until the listener has
/// completed. A copy is valid as long as the app exists.
class signal_event {
  public:
    signal_event(const signal::event& received, std::shared_ptr<const service::context_data> where)
        : signal_(received.name(), received.any(), received.emitter()), context_(std::move(where)) {
    }

    /// Of the signal, in lower case: "ticked".
    const std::string& name() const noexcept { return signal_.name(); }

    /// What the emitter called itself; may be empty.
    const std::string& emitter() const noexcept { return signal_.emitter(); }

    bool has_data() const noexcept { return signal_.has_data(); }

    /// The data of the signal. Throws signal::data_error, which names both types, when it has
    /// another type.
    template <typename T>
    const T& data() const {
        return signal_.data<T>();
    }

    /// The same, nullptr when it is of another type.
    template <typename T>
    const T* data_if() const noexcept {
        return signal_.data_if<T>();
    }

    const signal::event& signal() const noexcept { return signal_; }

    /// "listen/hello".
    const std::string& section() const noexcept { return context_.section(); }

    log::logger& log() const noexcept { return context_.log(); }

    service::runtime& app() const noexcept { return context_.app(); }

    template <typename T>
    T option(std::string_view name) const {
        return context_.option<T>(name);
    }

    std::optional<std::string> text(std::string_view name) const { return context_.text(name); }

  private:
    signal::event signal_;
    service::context context_;
};

} // namespace aio::listen
