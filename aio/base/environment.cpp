#include <aio/base/environment.hpp>

#include <cstdlib>

namespace aio::base {

std::optional<std::string> variable(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    if (!value || *value == '\0')
        return std::nullopt;
    return value;
}

} // namespace aio::base
