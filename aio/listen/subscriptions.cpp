#include <aio/listen/registration.hpp>
#include <aio/listen/subscriptions.hpp>

#include <any>
#include <set>
#include <string>
#include <utility>

namespace aio::listen {

subscriptions::~subscriptions() {
    end();
}

void subscriptions::begin(const std::vector<spec>& all) {
    std::set<std::pair<std::string, const module::item*>> known;
    for (const spec& section : all)
        for (const subscription& one : section.all)
            if (known.emplace(one.signal, one.function).second)
                add(section, one);
}

void subscriptions::add(const spec& section, const subscription& one) {
    contexts_.push_back(std::make_unique<const service::context_data>(
        section.name, section.section, section.options, app_, app_.log(one.function->module)
    ));
    // Not owning: an emit copies it for every listener, and a count shared by threads is dear.
    std::shared_ptr<const service::context_data> where(
        std::shared_ptr<void>{}, contexts_.back().get()
    );
    const auto& make = std::any_cast<const maker&>(one.function->object);
    signal::listen_options how(section.name);
    how.loop = &app_.main_loop();
    how.name = one.function->name;
    how.queue = section.queue;
    how.policy = section.policy;
    made_.push_back(app_.signals().listen(one.signal, make(std::move(where)), std::move(how)));
}

void subscriptions::end() {
    for (const signal::subscription one : std::exchange(made_, {}))
        app_.signals().unlisten(one);
}

} // namespace aio::listen
