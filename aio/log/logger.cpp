#include <aio/log/logger.hpp>

namespace aio::log {

logger::~logger() = default;

} // namespace aio::log
