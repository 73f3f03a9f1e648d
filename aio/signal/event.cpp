#include <aio/base/demangle.hpp>
#include <aio/signal/event.hpp>

namespace aio::signal {

struct event::kept {
    std::string name;
    std::any data;
    std::string emitter;
};

event::event(const event& other)
    : name_(other.name_), data_(other.data_), emitter_(other.emitter_), kept_(other.kept_) {
    if (!kept_)
        keep(other);
}

event& event::operator=(const event& other) {
    if (this != &other)
        *this = event(other);
    return *this;
}

void event::keep(const event& other) {
    auto own = std::make_shared<kept>(kept{*other.name_, *other.data_, *other.emitter_});
    name_ = &own->name;
    data_ = &own->data;
    emitter_ = &own->emitter;
    kept_ = std::move(own);
}

std::string type_name(const std::type_info& type) {
    if (type == typeid(void))
        return "nothing";
    if (type == typeid(std::string))
        return "std::string";
    return base::demangle(type.name());
}

data_error::data_error(
    std::string_view signal, const std::type_info& has, const std::type_info& asked
)
    : std::runtime_error(
          "the data of signal '" + std::string(signal) + "' is " + type_name(has) + ", asked for " +
          type_name(asked)
      ) {}

} // namespace aio::signal
