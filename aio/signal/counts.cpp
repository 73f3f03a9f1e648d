#include <aio/signal/counts.hpp>

#include <atomic>
#include <iterator>

namespace aio::signal {

namespace {

void add_counts(signal_statistics& row, const counters& counts) {
    const auto read = [](const auto& from) { return from.load(std::memory_order_relaxed); };
    row.emits += read(counts.emits);
    row.deliveries += read(counts.deliveries);
    row.errors += read(counts.errors);
    row.drops += read(counts.drops);
}

} // namespace

const std::shared_ptr<counters>& count_book::of(const std::string& name) {
    return entries_[name].counts;
}

void count_book::listener_added(const std::string& name) {
    entry& counted = entries_[name];
    ++counted.listeners;
    if (counted.is_ended)
        ended_.erase(counted.ended);
    counted.is_ended = false;
}

void count_book::listener_removed(const std::string& name) {
    entry& counted = entries_[name];
    if (counted.listeners == 0)
        return;
    --counted.listeners;
    if (counted.listeners != 0)
        return;
    counted.ended = ended_.insert(ended_.end(), name);
    counted.is_ended = true;
    if (ended_.size() > most_ended)
        give_up_old();
}

/// Counters that an emit or a queue still writes to are left for the next time.
void count_book::give_up_old() {
    auto oldest = ended_.begin();
    for (std::size_t surplus = ended_.size() - most_ended; surplus > 0; --surplus) {
        const auto found = entries_.find(*oldest);
        if (found->second.counts.use_count() > 1) {
            ++oldest;
            continue;
        }
        add_counts(given_up_, *found->second.counts);
        given_up_.name = ended_title;
        entries_.erase(found);
        oldest = ended_.erase(oldest);
    }
}

void count_book::report(std::map<std::string, signal_statistics>& rows) const {
    for (const auto& [name, counted] : entries_) {
        signal_statistics& row = rows[name];
        row.name = name;
        add_counts(row, *counted.counts);
    }
    if (!given_up_.name.empty())
        rows.emplace(given_up_.name, given_up_);
}

} // namespace aio::signal
