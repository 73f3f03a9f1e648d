#include <aio/service/runtime.hpp>

namespace aio::service {

runtime::~runtime() = default;

} // namespace aio::service
