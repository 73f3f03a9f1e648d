#include <aio/service/figures.hpp>
#include <aio/service/graph.hpp>
#include <aio/service/runtime.hpp>

namespace aio::service {

runtime::~runtime() = default;

task<std::string> runtime::tasks() {
    co_return std::string{};
}

task<aio::service::graph> runtime::graph() {
    co_return aio::service::graph{};
}

task<aio::service::figures> runtime::statistics() {
    co_return aio::service::figures{};
}

} // namespace aio::service
