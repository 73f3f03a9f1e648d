#include <aio/app/kinds.hpp>
#include <aio/app/secrets.hpp>
#include <aio/app/settings.hpp>

namespace aio::app {
namespace {

bool secret(const config::schema& options, std::string_view option) {
    const config::option* found = options.find(option);
    return found && found->secret;
}

} // namespace

bool declared_secret(std::string_view section, std::string_view option) {
    if (section == "aio")
        return secret(settings_schema(), option);
    const std::string_view name = section.substr(0, section.find('/'));
    for (const service::kind* kind : kinds())
        if (kind->name == name)
            return secret(kind->options(), option);
    return false;
}

} // namespace aio::app
