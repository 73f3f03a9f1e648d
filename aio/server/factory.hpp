#pragma once

// A factory builds the server of a section. Most factories run the standard server with another
// protocol; a factory may also bring its own server.

#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/base/api.hpp>
#include <aio/server/context.hpp>
#include <aio/server/handler.hpp>
#include <aio/service/unit.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::server {

/// A server, as its unit starts and stops it. All members are called on the loop of that unit.
class AIO_API handle {
  public:
    handle() = default;
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;
    virtual ~handle();

    /// Begins to accept connections.
    /// Completes: when it accepts.
    /// Loop: the unit's.
    /// Cancelled: some of its loops may accept already; begin_stop() ends that. Then
    /// operation_aborted.
    /// Throws: an error whose text is the reason for the user. begin_stop() or cancel() follows.
    virtual task<void> start() = 0;

    /// Accepts no more connections; those that it has accepted go on. begin_stop() follows.
    virtual void end_intake() noexcept {}

    /// Accepts no more connections and tells the open ones to finish. Returns at once.
    virtual void begin_stop() noexcept = 0;

    /// Waits for the end of all connections, after begin_stop() or cancel().
    /// Completes: when no connection is left, whether start() has succeeded or not.
    /// Loop: the unit's.
    /// Cancelled: the connections go on, and it may be called again. Then operation_aborted.
    virtual task<void> wait_stopped() = 0;

    /// begin_stop(), and cancels what still runs. Returns at once.
    virtual void cancel() noexcept = 0;
    /// "127.0.0.1:8888", one for each address.
    virtual std::vector<std::string> endpoints() const = 0;

    virtual std::vector<std::string> unfinished() const { return {}; }

    /// For statistics: how many connections are open now.
    virtual std::size_t connections() const { return 0; }

    /// For statistics: how many connections were accepted so far.
    virtual std::size_t accepted() const { return 0; }

    /// For statistics: bytes of all connections so far.
    virtual std::uint64_t received() const { return 0; }

    virtual std::uint64_t sent() const { return 0; }

    /// For statistics: connections refused or ended so far, by reason ("refused_address"), and what
    /// else it counts.
    virtual std::vector<service::statistic> refused() const { return {}; }
};

/// What a factory receives; lifted as aio::server_builder. The sockets of the section are already
/// bound, by the user that started the process.
class AIO_API builder : public context {
  public:
    struct state;
    builder(aio::server::context context, std::shared_ptr<state> prepared);

    /// The address that the section says; "*" when it says none.
    std::string address() const;
    /// The port that is bound; never 0 for tcp and udp.
    std::uint16_t port() const;
    /// What the section's `protocol` names; nullptr when it names none.
    const handler* protocol() const noexcept;

    /// The standard server: the section's sockets and options with this protocol.
    ///
    ///     std::unique_ptr<aio::server_handle> adder_factory(aio::server_builder build) {
    ///         return build.serve(adder);
    ///     }
    ///
    /// At most once. Throws std::invalid_argument when the protocol does not fit the transport.
    std::unique_ptr<handle> serve(handler protocol);

    template <serves_stream F>
    std::unique_ptr<handle> serve(F function) {
        return serve(handler_of(std::move(function)));
    }

    template <serves_callbacks T>
    std::unique_ptr<handle> serve() {
        return serve(handler_of<T>());
    }

    /// For a server of another kind: the bound sockets, which do not listen yet. The caller owns
    /// them from now on.
    std::vector<int> take_sockets();

  private:
    std::shared_ptr<state> state_;
};

/// The object of a module::item of kind "factory".
using factory = std::function<task<std::unique_ptr<handle>>(builder)>;

template <typename F>
concept builds_server =
    std::invocable<F&, builder> &&
    std::convertible_to<
        typename async::awaited<std::remove_cvref_t<std::invoke_result_t<F&, builder>>>::type,
        std::unique_ptr<handle>>;

/// A coroutine or a plain function that returns a std::unique_ptr<handle>.
template <builds_server F>
factory factory_of(F function) {
    using result = std::remove_cvref_t<std::invoke_result_t<F&, builder>>;
    if constexpr (std::is_same_v<result, task<std::unique_ptr<handle>>>)
        return factory{std::move(function)};
    else
        return factory{[function = std::move(function)](builder b) mutable {
            return [](F call, builder build) -> task<std::unique_ptr<handle>> {
                if constexpr (async::awaited<result>::coroutine)
                    co_return co_await call(std::move(build));
                else
                    co_return call(std::move(build));
            }(function, std::move(b));
        }};
}

} // namespace aio::server
