#include <aio/listen/registration.hpp>
#include <aio/listen/subscriptions.hpp>

#include <any>
#include <map>
#include <string>
#include <utility>

namespace aio::listen {

subscriptions::~subscriptions() {
    end();
}

void subscriptions::begin(const std::vector<spec>& all) {
    std::vector<one_call> calls;
    std::map<call_key, std::size_t> places; // in `calls`
    for (const spec& section : all)
        for (const subscription& listed : section.all) {
            const auto [place, is_first] = places.try_emplace(key_of(listed), calls.size());
            if (is_first)
                calls.push_back({&section, &listed, {}});
            else if (one_call& known = calls[place->second]; known.section != &section)
                known.other_labels.push_back(section.name);
        }
    for (one_call& call : calls)
        add(std::move(call));
}

void subscriptions::add(one_call call) {
    const spec& section = *call.section;
    const subscription& one = *call.what;
    contexts_.push_back(std::make_unique<const service::context_data>(
        section.name, section.section, section.options, app_, app_.log(one.function->module)
    ));
    // Not owning: an emit copies it for every listener, and a shared counter is expensive.
    std::shared_ptr<const service::context_data> where(
        std::shared_ptr<void>{}, contexts_.back().get()
    );
    const auto& make = std::any_cast<const maker&>(one.function->object);
    signal::listen_options how(section.name);
    how.other_labels = std::move(call.other_labels);
    how.loop = &app_.main_loop();
    how.name = one.function->name;
    how.queue = section.queue;
    how.policy = section.policy;
    made_.push_back(app_.signals().listen(one.signal, make(std::move(where)), std::move(how)));
}

void subscriptions::end() {
    for (const signal::subscription subscription : std::exchange(made_, {}))
        app_.signals().unlisten(subscription);
}

} // namespace aio::listen
