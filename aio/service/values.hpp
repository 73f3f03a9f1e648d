#pragma once

// Values by name that one part of the app sets and others wait for: a connection, a table.
//
//     event.app().values().set("db", connect());
//     auto db = co_await event.app().values().get<connection>("db");

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/mistake.hpp>

#include <any>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace aio::service {

/// Thrown by values::get for a value of another type; the message names both.
struct AIO_API value_error : base::mistake {
    value_error(std::string_view name, const std::type_info& has, const std::type_info& asked);
};

/// All members may be called from any loop.
class AIO_API values {
  public:
    values();
    ~values();
    values(const values&) = delete;
    values& operator=(const values&) = delete;

    /// Sets a value, or replaces it. Waiting callers of get() go on.
    template <typename T>
    void set(std::string name, T value) {
        put(std::move(name), std::any(std::decay_t<T>(std::move(value))));
    }

    /// Names that are made at run time take memory until they are removed.
    void remove(std::string_view name);

    /// The value if there is one by now. Throws value_error like get().
    template <typename T>
    std::optional<T> find(std::string_view name) {
        const std::any found = look(name);
        if (!found.has_value())
            return std::nullopt;
        const T* value = std::any_cast<T>(&found);
        if (!value)
            throw value_error(name, found.type(), typeid(T));
        return *value;
    }

    /// A copy of a value. T is exactly the type that was set.
    /// Completes: when there is a value; at once when there is one already.
    /// Loop: any.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    /// Throws: value_error, which names both types, when the value has another type.
    template <typename T>
    task<T> get(std::string name) {
        const std::any found = co_await wait(name);
        const T* value = std::any_cast<T>(&found);
        if (!value)
            throw value_error(name, found.type(), typeid(T));
        co_return *value;
    }

  private:
    struct state;
    struct waiting;

    void put(std::string name, std::any value);
    std::any look(std::string_view name);
    task<std::any> wait(std::string name);

    std::shared_ptr<state> state_; ///< tasks that wait may outlive the values
};

} // namespace aio::service
