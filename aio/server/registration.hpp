#pragma once

// How a module offers protocols and factories:
//
//     module.protocol("echo", echo);       // a coroutine or a function that takes an aio::stream
//     module.protocol<sum>("sum");         // a class with callbacks
//     module.factory("f", f);              // a function that builds the whole server

#include <aio/async/present.hpp>
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
        return registrar().add(
            protocol_kind, name, std::any{handler_of(async::present(std::move(function)))}
        );
    }

    template <serves_callbacks T>
    module::registration protocol(std::string_view name) {
        return registrar().add(protocol_kind, name, std::any{handler_of<T>()});
    }

    template <typename F>
    module::registration protocol(std::string_view name, F) {
        static_assert(
            serves_stream<F>,
            "a protocol takes an aio::stream by value, and an aio::server_context if it likes"
        );
        return registrar().add(protocol_kind, name, {});
    }

    template <typename T>
    module::registration protocol(std::string_view name) {
        static_assert(
            serves_callbacks<T>,
            "a protocol class derives publicly from aio::protocol or aio::datagram_protocol, has "
            "no "
            "pure virtual functions left, and is made from nothing or from const "
            "aio::server_context&"
        );
        return registrar().add(protocol_kind, name, {});
    }

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
