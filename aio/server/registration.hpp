#pragma once

// How a module offers protocols and factories:
//
//     module.protocol("echo", echo);       // a coroutine or a function that takes an aio::stream
//     module.protocol<sum>("sum");         // a class with callbacks
//     module.factory("f", f);              // a function that builds the whole server

#include <aio/module/registry.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/handler.hpp>

#include <any>
#include <string_view>
#include <utility>

namespace aio::server {

inline constexpr std::string_view protocol_kind = "protocol";
inline constexpr std::string_view factory_kind = "factory";

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <serves_stream F>
    module::registration protocol(std::string_view name, F function) {
        return registrar().add(protocol_kind, name, std::any{handler_of(std::move(function))});
    }

    template <serves_callbacks T>
    module::registration protocol(std::string_view name) {
        return registrar().add(protocol_kind, name, std::any{handler_of<T>()});
    }

    template <builds_server F>
    module::registration factory(std::string_view name, F function) {
        return registrar().add(factory_kind, name, std::any{factory_of(std::move(function))});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::server
