#pragma once

// How a module offers protocols, for servers and for clients:
//
//     module.protocol("echo", echo);       // a coroutine or a function that takes an aio::stream
//     module.protocol<sum>("sum");         // a class with callbacks

#include <aio/async/present.hpp>
#include <aio/module/registry.hpp>
#include <aio/protocols/handler.hpp>

#include <any>
#include <string_view>
#include <utility>

namespace aio::protocols {

inline constexpr std::string_view protocol_kind = "protocol";

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <serves_stream F>
    module::registration protocol(std::string_view name, F function) {
        return registrar().add(
            protocol_kind,
            name,
            std::any{
                registered{handler_of(async::present(std::move(function))), sides_of_function<F>}
            }
        );
    }

    template <serves_callbacks T>
    module::registration protocol(std::string_view name) {
        return registrar().add(
            protocol_kind, name, std::any{registered{handler_of<T>(), sides_of_class<T>}}
        );
    }

    template <typename F>
    module::registration protocol(std::string_view name, F) {
        static_assert(
            serves_stream<F>,
            "a protocol takes an aio::stream by value, and an aio::server_context or an "
            "aio::client_context if it likes"
        );
        return registrar().add(protocol_kind, name, {});
    }

    template <typename T>
    module::registration protocol(std::string_view name) {
        static_assert(
            serves_callbacks<T>,
            "a protocol class derives publicly from aio::protocol or aio::datagram_protocol, has "
            "no pure virtual functions left, and is made from nothing, from const "
            "aio::server_context& or from const aio::client_context&"
        );
        return registrar().add(protocol_kind, name, {});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::protocols
