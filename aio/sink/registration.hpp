#pragma once

// How a module offers a class of log handlers:
//
//     std::shared_ptr<spdlog::sinks::sink> make(const aio::log_handler_section& section);
//     module.log_handler("ring", make).option("size", 100, "how many lines are kept");
//
// and `[handler_x] class = my.module.ring` uses it. The sink's header, and aio/log/sink.hpp, are
// included by the module; nothing of spdlog is here.

#include <aio/async/present.hpp>
#include <aio/log/handler_section.hpp>
#include <aio/module/registry.hpp>

#include <any>
#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aio::sink {

/// The kind of a module::item whose object is a std::shared_ptr<const log::make_sink>.
inline constexpr std::string_view kind = "log_handler";

/// A function of the section that makes a sink of spdlog's.
template <typename F>
concept makes_sink = std::invocable<const F&, const log::handler_section&> &&
                     std::convertible_to<
                         std::invoke_result_t<const F&, const log::handler_section&>,
                         std::shared_ptr<spdlog::sinks::sink>>;

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <makes_sink F>
    module::registration log_handler(std::string_view name, F make) {
        auto kept = std::make_shared<const log::make_sink>(async::present(std::move(make)));
        return registrar().add(kind, name, std::any{std::move(kept)});
    }

    template <typename F>
    module::registration log_handler(std::string_view name, F) {
        static_assert(
            makes_sink<F>,
            "a function for [handler_*] takes a const aio::log_handler_section& and returns a "
            "std::shared_ptr to a sink of spdlog's"
        );
        return registrar().add(kind, name, {});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::sink
