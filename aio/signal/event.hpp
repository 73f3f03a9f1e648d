#pragma once

// What a listener is called with: the name of the signal, its data and its emitter.

#include <aio/base/api.hpp>

#include <any>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

namespace aio::signal {

/// Thrown when data is asked for as another type than it has; the message names both.
class AIO_API data_error : public std::runtime_error {
  public:
    data_error(std::string_view signal, const std::type_info& has, const std::type_info& asked);
};

/// The name of a type as it is written in C++; "nothing" for void.
AIO_API std::string type_name(const std::type_info& type);

/// A listener gets it by reference; it is valid until that listener has completed. A copy is valid
/// without a limit. The first copy copies the data; copies of a copy share it.
class AIO_API event {
  public:
    event(const std::string& name, const std::any& data, const std::string& emitter) noexcept
        : name_(&name), data_(&data), emitter_(&emitter) {}

    event(const event& other);
    event(event&& other) noexcept = default;
    event& operator=(const event& other);
    event& operator=(event&& other) noexcept = default;
    ~event() = default;

    /// In lower case.
    const std::string& name() const noexcept { return *name_; }

    /// What the emitter called itself; may be empty.
    const std::string& emitter() const noexcept { return *emitter_; }

    const std::any& any() const noexcept { return *data_; }

    bool has_data() const noexcept { return data_->has_value(); }

    /// The data; throws data_error when it is of another type.
    template <typename T>
    const T& data() const {
        if (const T* found = std::any_cast<T>(data_))
            return *found;
        throw data_error(*name_, data_->type(), typeid(T));
    }

    /// The same, nullptr when it is of another type.
    template <typename T>
    const T* data_if() const noexcept {
        return std::any_cast<T>(data_);
    }

  private:
    struct kept;

    void keep(const event& other);

    const std::string* name_;
    const std::any* data_;
    const std::string* emitter_;
    std::shared_ptr<const kept> kept_;
};

} // namespace aio::signal
