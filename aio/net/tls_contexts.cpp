#include <aio/net/tls_contexts.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace aio::net {

tls_contexts::loaded tls_contexts::load(const tls_client_rules& rules, const file_stamps* before) {
    loaded made;
    made.stamps = stamps_of({rules.ca, rules.certificate, rules.key});
    if (before && changed(*before, made.stamps).empty())
        return made;
    try {
        made.context = tls_context::client(rules);
    } catch (const std::exception& e) {
        if (!before)
            throw;
        made.wrong = e.what();
    }
    return made;
}

tls_contexts::entry* tls_contexts::find(const tls_client_rules& rules) noexcept {
    const auto found = std::ranges::find(all_, rules, &entry::rules);
    if (found == all_.end())
        return nullptr;
    all_.splice(all_.begin(), all_, found);
    return &all_.front();
}

task<std::shared_ptr<const tls_context>> tls_contexts::get(
    async::loop& home, async::worker_pool& threads, tls_client_rules rules, warning warn
) {
    std::optional<file_stamps> before;
    if (const entry* known = find(rules)) {
        if (home.now() < async::later(known->looked, look_again))
            co_return known->context;
        before = known->stamps;
    }
    loaded made =
        co_await threads.run([rules, before] { return load(rules, before ? &*before : nullptr); });
    entry* into = find(rules); // others may have come and gone meanwhile
    if (!into) {
        if (!made.context)
            made.context = co_await threads.run([rules] { return tls_context::client(rules); });
        all_.push_front({std::move(rules), {}, {}, {}});
        into = &all_.front();
        if (all_.size() > most)
            all_.pop_back();
    }
    into->looked = home.now();
    into->stamps = std::move(made.stamps);
    if (made.context)
        into->context = std::move(made.context);
    else if (!made.wrong.empty() && warn)
        warn(made.wrong + "; clients go on with what was read before");
    co_return into->context;
}

} // namespace aio::net
