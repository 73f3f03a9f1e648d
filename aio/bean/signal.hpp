#pragma once

// What a bean sends to other beans.

#include <aio/service/values.hpp>

#include <any>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace aio::bean {

/// Lifted as aio::bean_signal. Cheap to copy.
class signal {
  public:
    signal(std::string name, std::size_t sender, std::any data)
        : state_(std::make_shared<const state>(std::move(name), sender, std::move(data))) {}

    /// "SIGINT" and "SIGTERM" come from the system; all others come from a bean.
    const std::string& name() const noexcept { return state_->name; }

    /// The id of the bean that has sent it; 0 when it comes from the system.
    std::size_t sender() const noexcept { return state_->sender; }

    bool has_data() const noexcept { return state_->data.has_value(); }

    /// Throws service::value_error, which names both types, when the data has another type.
    template <typename T>
    const T& data() const {
        if (const T* found = std::any_cast<T>(&state_->data))
            return *found;
        throw service::value_error(state_->name, state_->data.type(), typeid(T));
    }

  private:
    struct state {
        std::string name;
        std::size_t sender;
        std::any data;

        state(std::string name_, std::size_t sender_, std::any data_)
            : name(std::move(name_)), sender(sender_), data(std::move(data_)) {}
    };

    std::shared_ptr<const state> state_;
};

} // namespace aio::bean
