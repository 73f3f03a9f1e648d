#include <aio/sink/find.hpp>
#include <aio/sink/registration.hpp>

#include <any>
#include <memory>

namespace aio::sink {

log::find_offered find_in(module::resolver& modules, base::diagnostics& problems) {
    return [&](std::string_view dotted,
               const base::location& where) -> std::optional<log::offered_handler> {
        const module::item* found = modules.find(dotted, kind, where, problems);
        if (!found)
            return std::nullopt;
        return log::offered_handler{
            std::any_cast<const std::shared_ptr<const log::make_sink>&>(found->object),
            found->options
        };
    };
}

} // namespace aio::sink
