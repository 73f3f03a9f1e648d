#include <aio/log/handler_scope.hpp>

#include <utility>

namespace aio::log {

namespace {

thread_local bool inside = false;

} // namespace

handler_scope::handler_scope() noexcept : before_(std::exchange(inside, true)) {}

handler_scope::~handler_scope() {
    inside = before_;
}

bool handler_scope::entered() noexcept {
    return inside;
}

} // namespace aio::log
