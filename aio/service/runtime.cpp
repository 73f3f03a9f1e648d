#include <aio/service/runtime.hpp>

#include <stdexcept>

namespace aio::service {

runtime::~runtime() = default;

task<std::shared_ptr<async::loop>> runtime::open_loop(std::string name) {
    throw std::logic_error("no loop for '" + name + "': this app makes none");
    co_return nullptr;
}

} // namespace aio::service
