#include <aio/service/service.hpp>

namespace aio::service {

service::~service() = default;

std::string_view name(state of) noexcept {
    switch (of) {
    case state::init:
        return "init";
    case state::starting:
        return "starting";
    case state::running:
        return "running";
    case state::stopping:
        return "stopping";
    case state::stopped:
        return "stopped";
    case state::crashed:
        return "crashed";
    }
    return "unknown";
}

} // namespace aio::service
