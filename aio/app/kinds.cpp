#include <aio/app/kinds.hpp>
#include <aio/bean/kind.hpp>
#include <aio/client/kind.hpp>
#include <aio/process/kind.hpp>
#include <aio/schedule/kind.hpp>
#include <aio/server/kind.hpp>
#include <aio/service/service_kind.hpp>

namespace aio::app {

std::span<const service::kind* const> kinds() noexcept {
    static const service::kind* const all[] = {
        &schedule::kind(),
        &server::kind(),
        &client::kind(),
        &process::kind(),
        &service::service_kind(),
        &bean::kind(),
    };
    return all;
}

} // namespace aio::app
