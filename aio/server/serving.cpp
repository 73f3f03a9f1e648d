#include <aio/base/exception.hpp>
#include <aio/base/mistake.hpp>
#include <aio/server/serving.hpp>

namespace aio::server {

void serving::failed(std::string_view what, const std::exception_ptr& why) noexcept {
    const bool mistake = base::is_mistake(why);
    if (mistake && mistaken_.exchange(true))
        return;
    log.error("Server({}) {}: {}", label, what, base::message_of(why));
    if (!mistake)
        return;
    if (crash)
        crash(why);
    else
        given.app().crashed(section, why);
}

} // namespace aio::server
