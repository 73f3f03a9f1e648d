#pragma once

// What functions of users receive: the name, section, typed options and logger, and the app. Events
// (scheduled_event, signal_event) and server_context are contexts.

#include <aio/base/api.hpp>
#include <aio/config/options.hpp>
#include <aio/log/logger.hpp>
#include <aio/service/runtime.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::service {

/// Shared by all events of one section. It lives at least as long as they do.
struct context_data {
    std::string name;    ///< "tick"
    std::string section; ///< "schedule/tick"
    config::options options;
    runtime* app = nullptr;
    log::logger* log = nullptr;
    std::shared_ptr<log::logger> lent_log; ///< `log`, when its name is to be given back

    context_data(
        std::string name_,
        std::string section_,
        config::options options_,
        runtime& app_,
        log::logger& log_
    )
        : name(std::move(name_)), section(std::move(section_)), options(std::move(options_)),
          app(&app_), log(&log_) {}

    context_data(
        std::string name_,
        std::string section_,
        config::options options_,
        runtime& app_,
        std::shared_ptr<log::logger> lent
    )
        : context_data(std::move(name_), std::move(section_), std::move(options_), app_, *lent) {
        lent_log = std::move(lent);
    }
};

/// Cheap to copy. Valid as long as the app runs.
class context {
  public:
    explicit context(std::shared_ptr<const context_data> data) : data_(std::move(data)) {}

    /// What follows the slash of the section's name.
    const std::string& name() const noexcept { return data_->name; }

    const std::string& section() const noexcept { return data_->section; }

    /// The logger of the module function this was made for.
    log::logger& log() const noexcept { return *data_->log; }

    runtime& app() const noexcept { return *data_->app; }

    /// A declared option: the value of the section, or the default.
    /// Throws config::option_error when it is not declared or of another type.
    template <typename T>
    T option(std::string_view name) const {
        return data_->options.get<T>(name);
    }

    /// Any option of the section as text, declared or not.
    std::optional<std::string> text(std::string_view name) const {
        return data_->options.text(name);
    }

    const config::options& options() const noexcept { return data_->options; }

    /// A value of the app: `auto db = co_await context.get<pool>("db");` The contract of
    /// values::get().
    template <typename T>
    task<T> get(std::string name) const {
        return app().values().get<T>(std::move(name));
    }

    template <typename T>
    void set(std::string name, T value) const {
        app().values().set(std::move(name), std::move(value));
    }

    /// What another section offers: `event.use<aio::dialer>("bank")` is that of [client/bank].
    /// Throws: base::mistake when there is no such section.
    template <typename T>
    T use(std::string_view name) const {
        return T::of(app(), name);
    }

    /// For a context of another kind.
    const std::shared_ptr<const context_data>& shared_data() const noexcept { return data_; }

  private:
    std::shared_ptr<const context_data> data_;
};

} // namespace aio::service
