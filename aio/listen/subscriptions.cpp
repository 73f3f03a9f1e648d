#include <aio/listen/subscriptions.hpp>

#include <aio/listen/registration.hpp>

#include <any>
#include <utility>

namespace aio::listen {

subscriptions::~subscriptions() { end(); }

void subscriptions::begin(const std::vector<spec>& all) {
    for (const spec& section : all) {
        for (const subscription& one : section.all) {
            auto where = std::make_shared<const service::context_data>(
                section.name, section.section, section.options, app_, app_.log(one.function->module)
            );
            const auto& make = std::any_cast<const maker&>(one.function->object);
            signal::listen_options how;
            how.loop = &app_.main_loop();
            how.name = one.function->name;
            made_.push_back(app_.signals().listen(one.signal, make(std::move(where)), std::move(how)));
        }
    }
}

void subscriptions::end() {
    for (const signal::subscription one : std::exchange(made_, {}))
        app_.signals().unlisten(one);
}

} // namespace aio::listen
