#include <aio/app/kinds.hpp>
#include <aio/schedule/kind.hpp>
#if __has_include(<aio/server/kind.hpp>)
#include <aio/server/kind.hpp>
#endif

namespace aio::app {

std::span<const service::kind* const> kinds() noexcept {
    static const service::kind* const all[] = {
        &schedule::kind(),
#if __has_include(<aio/server/kind.hpp>)
        &server::kind(),
#endif
    };
    return all;
}

} // namespace aio::app
