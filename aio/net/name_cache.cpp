#include <aio/base/system_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/net/name_cache.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace aio::net {

name_key::name_key(std::string name_, family wanted_)
    : name(base::lower_ascii(name_)), wanted(wanted_) {}

name_cache::name_cache(rules rules) : rules_(rules) {}

name_cache::answer name_cache::ask(const name_key& key, async::time_point now) {
    entry& known = touch(key);
    const bool good = serves(known, now);
    if (!known.found.empty() && !known.why && now < async::later(known.found_at, rules_.good))
        return use{known.found, {}};
    if (known.why && now < async::later(known.failed_at, rules_.bad))
        return last_good_or(known, known.why, now);
    const base::duration limit =
        good ? std::min(rules_.timeout, rules_.timeout_with_last_good) : rules_.timeout;
    if (!known.begun) {
        known.begun = now;
        return begin{limit};
    }
    if (good && now >= async::later(*known.begun, limit))
        return last_good_or(known, nullptr, now);
    return wait{limit};
}

name_cache::answer
name_cache::ended(const name_key& key, lookup_result result, async::time_point now) {
    entry& known = touch(key);
    known.begun.reset();
    if (auto* found = std::get_if<std::vector<address>>(&result)) {
        known.found = std::move(*found);
        known.found_at = now;
        known.why = nullptr;
        return use{known.found, {}};
    }
    const auto& failure = std::get<lookup_failure>(result);
    if (failure.kind == lookup_trouble::no_such_name)
        known.found.clear();
    known.why = failure.kind == lookup_trouble::local ? nullptr : failure.why;
    known.failed_at = now;
    return last_good_or(known, failure.why, now);
}

name_cache::answer name_cache::too_late(const name_key& key, async::time_point now) const {
    const auto why = [&] {
        return std::make_exception_ptr(base::system_failure::in_words(
            ETIMEDOUT,
            fmt::format(
                "cannot resolve '{}': no answer within {}",
                base::visible(key.name, base::layout::one_line),
                base::format(rules_.timeout)
            )
        ));
    };
    const auto at = index_.find(key);
    return at == index_.end() ? fail{why()} : last_good_or(*at->second, why(), now);
}

name_cache::entry& name_cache::touch(const name_key& key) {
    if (const auto at = index_.find(key); at != index_.end()) {
        entries_.splice(entries_.end(), entries_, at->second);
        return entries_.back();
    }
    make_room();
    entries_.push_back(entry{key, {}, {}, nullptr, {}, {}});
    index_.emplace(key, std::prev(entries_.end()));
    return entries_.back();
}

// A name with a lookup on its way stays.
void name_cache::make_room() {
    if (entries_.size() < rules_.most_names)
        return;
    const auto oldest = std::ranges::find_if(entries_, [](const entry& e) { return !e.begun; });
    if (oldest == entries_.end())
        return;
    index_.erase(oldest->key);
    entries_.erase(oldest);
}

bool name_cache::serves(const entry& known, async::time_point now) const noexcept {
    return !known.found.empty() && now < async::later(known.found_at, rules_.last_good);
}

name_cache::answer
name_cache::last_good_or(const entry& known, std::exception_ptr why, async::time_point now) const {
    if (serves(known, now))
        return use{known.found, now - known.found_at};
    return fail{std::move(why)};
}

} // namespace aio::net
