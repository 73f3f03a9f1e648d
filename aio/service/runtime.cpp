#include <aio/net/tls_common.hpp>
#include <aio/service/figures.hpp>
#include <aio/service/graph.hpp>
#include <aio/service/runtime.hpp>

#include <stdexcept>

namespace aio::service {

runtime::runtime() : tls_(std::make_shared<net::tls_common>()) {}

runtime::~runtime() = default;

std::shared_ptr<log::logger> runtime::lend_log(std::string_view name) {
    return {std::shared_ptr<void>(), &log(name)};
}

std::vector<std::string> runtime::labelled(std::string_view) const {
    return {};
}

void runtime::cut_off(std::string_view, std::string_view) {}

void runtime::stop_failed(std::string_view) {}

task<std::string> runtime::tasks() {
    co_return std::string{};
}

task<aio::service::graph> runtime::graph() {
    co_return aio::service::graph{};
}

task<aio::service::figures> runtime::statistics() {
    co_return aio::service::figures{};
}

task<std::shared_ptr<async::loop>> runtime::open_loop(std::string name) {
    throw std::logic_error("no loop for '" + name + "': this app makes none");
    co_return nullptr;
}

} // namespace aio::service
