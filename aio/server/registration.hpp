#pragma once

// How a module offers factories (protocols/registration.hpp: protocols):
//
//     module.factory("f", f);              // a function that builds the whole server

#include <aio/async/present.hpp>
#include <aio/module/registry.hpp>
#include <aio/server/factory.hpp>

#include <any>
#include <string_view>
#include <utility>

namespace aio::server {

inline constexpr std::string_view factory_kind = "factory";

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <builds_server F>
    module::registration factory(std::string_view name, F function) {
        return registrar().add(
            factory_kind, name, std::any{factory_of(async::present(std::move(function)))}
        );
    }

    template <typename F>
    module::registration factory(std::string_view name, F) {
        static_assert(
            builds_server<F>,
            "a factory takes an aio::server_builder by value and returns a "
            "std::unique_ptr<aio::server_handle>, or a task of one"
        );
        return registrar().add(factory_kind, name, {});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::server
