#include <aio/async/timeout.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/shortage.hpp>
#include <aio/net/tls_contexts.hpp>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace aio::net {

bool tls_contexts::entry::is_fresh(async::time_point now, base::duration look_again)
    const noexcept {
    if (!context)
        return false;
    const bool has_files = !rules.files().empty();
    return !has_files || now < async::later(looked, look_again);
}

tls_contexts::found
tls_contexts::look(const tls_client_rules& rules, const std::optional<file_watch>& before) {
    const file_stamps now = stamps_of(rules.files());
    found made{before ? *before : file_watch(now), nullptr, nullptr};
    if (before && (!can_be_watched(now) || !made.files.look(now)))
        return made;
    try {
        made.context = tls_context::client(rules);
    } catch (...) {
        made.wrong = std::current_exception();
    }
    return made;
}

void tls_contexts::note(entry& of_rules, found answer, const warning& warn) {
    const bool first = !of_rules.context;
    if (first && answer.wrong)
        std::rethrow_exception(answer.wrong);
    of_rules.files = std::move(answer.files);
    if (answer.context) {
        of_rules.context = std::move(answer.context);
        if (!first)
            of_rules.files->loaded();
    } else if (answer.wrong) {
        const std::string why = base::message_of(answer.wrong);
        if (of_rules.files->failed(why) && warn)
            warn(why + "; clients go on with what was read before");
    }
}

task<void> tls_contexts::look_once(
    async::loop& home, async::worker_pool& threads, std::shared_ptr<entry> mine, warning warn
) {
    mine->answered.reset();
    try {
        note(
            *mine,
            co_await threads.run([rules = mine->rules, before = mine->files] {
                return look(rules, before);
            }),
            warn
        );
        mine->looked = home.now();
    } catch (...) {
        mine->why = std::current_exception();
    }
    mine->answered.set();
}

std::shared_ptr<tls_contexts::entry> tls_contexts::find(tls_client_rules rules) {
    const auto known = std::ranges::find_if(all_, [&](const auto& e) { return e->rules == rules; });
    if (known != all_.end()) {
        all_.splice(all_.begin(), all_, known);
        return all_.front();
    }
    all_.push_front(std::make_shared<entry>(std::move(rules)));
    all_.front()->answered.set();
    if (all_.size() > most)
        all_.pop_back();
    return all_.front();
}

task<std::shared_ptr<const tls_context>> tls_contexts::get(
    async::loop& home, async::worker_pool& threads, tls_client_rules rules, warning warn
) {
    const std::shared_ptr<entry> mine = find(std::move(rules));
    if (mine->is_fresh(home.now(), times_.look_again))
        co_return mine->context;
    const bool begins = mine->answered.is_set();
    if (begins) {
        if (!looks_)
            looks_ = std::make_unique<async::task_group>(home);
        looks_->spawn("files of TLS", look_once(home, threads, mine, std::move(warn)));
    }
    if (!mine->context) {
        co_await mine->answered.wait("the files of TLS");
    } else if (begins) {
        try {
            co_await async::with_timeout(times_.patience, mine->answered.wait("the files of TLS"));
        } catch (const async::timeout_error&) { // it goes on without the answer
        }
    }
    if (!mine->context)
        std::rethrow_exception(mine->why);
    co_return mine->context;
}

int errno_of_files(const std::exception& why) noexcept {
    if (const auto* of_system = dynamic_cast<const std::system_error*>(&why)) {
        const int number = of_system->code().value();
        const bool no_thread = number == EAGAIN;
        return no_thread || base::is_shortage(number) ? number : ENOKEY;
    }
    if (dynamic_cast<const std::bad_alloc*>(&why))
        return ENOMEM;
    return dynamic_cast<const async::pool_full*>(&why) ? EAGAIN : ENOKEY;
}

} // namespace aio::net
