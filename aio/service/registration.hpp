#pragma once

// How a module offers services:
//
//     module.service<cache>("cache").option("size", 100, "entries");
//
// and `[service/x] class = my.module.cache` makes one.

#include <aio/module/registry.hpp>
#include <aio/service/service.hpp>

#include <any>
#include <concepts>
#include <functional>
#include <memory>
#include <string_view>

namespace aio::service {

inline constexpr std::string_view class_kind = "service";

/// The object of a module::item of kind "service".
using service_maker = std::function<std::unique_ptr<service>(const context&)>;

/// A class made from nothing or from a context.
template <typename T>
concept is_service = std::derived_from<T, aio::service::service> &&
                     (std::default_initializable<T> || std::constructible_from<T, const context&>);

template <is_service T>
service_maker maker_of() {
    return [](const context& own_context) -> std::unique_ptr<aio::service::service> {
        if constexpr (std::constructible_from<T, const context&>)
            return std::make_unique<T>(own_context);
        else
            return std::make_unique<T>();
    };
}

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <is_service T>
    module::registration service(std::string_view name) {
        return registrar().add(class_kind, name, std::any{maker_of<T>()}).template options_of<T>();
    }

    template <typename T>
    module::registration service(std::string_view name) {
        static_assert(
            is_service<T>,
            "a service derives publicly from aio::service_base, has no pure virtual functions "
            "left, "
            "and is made from nothing or from const aio::service_context&"
        );
        return registrar().add(class_kind, name, {});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::service
