#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/log/tree.hpp>
#include <aio/testing/captured_log.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>

namespace aio::testing {

namespace {

/// A coroutine that waits for a record, with its loop.
struct waiting {
    std::string part;
    async::loop* home;
    async::event found;
    std::optional<captured_log::entry> what;

    waiting(std::string part_, async::loop& home_) : part(std::move(part_)), home(&home_) {}
};

using waiting_ptr = std::shared_ptr<waiting>;

} // namespace

struct captured_log::state {
    mutable std::mutex lock;
    std::vector<entry> entries;
    std::vector<waiting_ptr> waiting;
    std::vector<log::capture> captures;

    void add(const log::record& record);
    const entry* find(std::string_view part) const;
};

std::string captured_log::entry::text() const {
    return fmt::format("{}({}): {}", name(severity), logger, message);
}

void captured_log::state::add(const log::record& record) {
    const std::lock_guard guard(lock);
    entry& added = entries.emplace_back();
    added.severity = record.severity;
    added.logger = record.logger;
    added.message = record.message;
    const std::string text = added.text();
    std::erase_if(waiting, [&](const waiting_ptr& each) {
        if (text.find(each->part) == text.npos)
            return false;
        each->what = added;
        each->home->post([each] { each->found.set(); });
        return true;
    });
}

const captured_log::entry* captured_log::state::find(std::string_view part) const {
    const auto found = std::ranges::find_if(entries, [&](const entry& entry) {
        return entry.text().find(part) != std::string::npos;
    });
    return found == entries.end() ? nullptr : &*found;
}

captured_log::captured_log() : state_(std::make_shared<state>()) {}

captured_log::captured_log(log::tree& logs) : captured_log() {
    attach(logs);
}

captured_log::~captured_log() {
    state_->captures.clear(); // no call of add() after this
}

void captured_log::attach(log::tree& logs) {
    state_->captures.push_back(logs.on_record(
        [element_type = state_.get()](const log::record& record) { element_type->add(record); }
    ));
}

std::vector<captured_log::entry> captured_log::entries() const {
    const std::lock_guard guard(state_->lock);
    return state_->entries;
}

std::vector<std::string> captured_log::texts() const {
    std::vector<std::string> all;
    for (const entry& item : entries())
        all.push_back(item.text());
    return all;
}

bool captured_log::has(std::string_view part) const {
    const std::lock_guard guard(state_->lock);
    return state_->find(part) != nullptr;
}

std::size_t captured_log::count(std::string_view part) const {
    return static_cast<std::size_t>(std::ranges::count_if(texts(), [&](const std::string& text) {
        return text.find(part) != text.npos;
    }));
}

std::size_t captured_log::count(log::level least) const {
    return static_cast<std::size_t>(std::ranges::count_if(entries(), [&](const entry& entry) {
        return entry.severity >= least;
    }));
}

void captured_log::clear() {
    const std::lock_guard guard(state_->lock);
    state_->entries.clear();
}

task<captured_log::entry> captured_log::wait_for(std::string part) {
    const auto value = state_;
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    const auto mine = std::make_shared<waiting>(std::move(part), home);
    {
        const std::lock_guard guard(value->lock);
        if (const entry* there = value->find(mine->part))
            co_return *there;
        value->waiting.push_back(mine);
    }

    struct leave {
        state& from;
        const waiting_ptr& who;

        ~leave() {
            const std::lock_guard guard(from.lock);
            std::erase(from.waiting, who);
        }
    };

    const leave at_the_end{*value, mine};
    co_await mine->found.wait("captured_log.wait_for");
    co_return std::move(*mine->what);
}

} // namespace aio::testing
