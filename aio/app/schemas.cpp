#include <aio/app/schemas.hpp>

#include <aio/app/kinds.hpp>
#include <aio/app/settings.hpp>
#include <aio/service/common.hpp>

namespace aio::app {
namespace {

config::schema with_common(const config::schema& own) {
    config::schema all = own;
    for (const config::option& one : service::common_options().all())
        if (!all.find(one.name))
            all.append(one);
    return all;
}

} // namespace

std::vector<config::schema_listing> schemas(const plan& of) {
    std::vector<config::schema_listing> all;
    all.push_back({"aio", "aio", settings_schema()});
    for (const service::kind* one : kinds())
        all.push_back({std::string(one->name) + "/NAME", "aio", with_common(one->options())});
    all.push_back({"logger_NAME", "aio", log::logger_schema()});
    all.push_back({"handler_NAME", "aio", log::handler_schema()});
    all.push_back({"formatter_NAME", "aio", log::formatter_schema()});
    for (const std::string& name : of.modules->names()) {
        const module::item& item = *of.modules->find(name);
        if (!item.options.all().empty())
            all.push_back({item.kind + " " + item.name, item.name, item.options});
    }
    return all;
}

bool declared_secret(std::string_view section, std::string_view option) {
    const auto secret = [&](const config::schema& in) {
        const config::option* found = in.find(option);
        return found && found->secret;
    };
    if (section == "aio")
        return secret(settings_schema());
    const std::string_view name = section.substr(0, section.find('/'));
    for (const service::kind* one : kinds())
        if (one->name == name)
            return secret(one->options());
    return false;
}

} // namespace aio::app
