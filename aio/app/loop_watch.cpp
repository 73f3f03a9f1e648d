#include <aio/app/loop_watch.hpp>

#include <utility>

namespace aio::app {

attention next_attention(attention now, bool all_rest) noexcept {
    if (!all_rest)
        return attention::awake;
    return now == attention::awake ? attention::drowsy : attention::asleep;
}

void loop_watch::add(watched_loop loop) {
    loop.turns->bell(bell_);
    loops_.push_back({std::move(loop), {}, 0});
    attention_ = attention::awake;
}

void loop_watch::remove(pthread_t thread) {
    std::erase_if(loops_, [&](const seen& each) {
        if (::pthread_equal(each.loop.thread, thread) == 0)
            return false;
        each.loop.turns->bell({});
        return true;
    });
}

void loop_watch::clear() {
    for (const seen& each : loops_)
        each.loop.turns->bell({});
    loops_.clear();
}

/// It is not in a turn, has made no turn since the last observation, and has answered all
/// questions.
bool loop_watch::rests(seen& loop) {
    const std::uint64_t now = loop.loop.turns->count();
    const bool same = std::exchange(loop.count, now) == now;
    return same && now % 2 == 0 && !loop.loop.owes_answer();
}

std::string loop_watch::look(base::duration limit, const stack_of& stack) {
    std::string reports;
    bool all_rest = true;
    for (seen& each : loops_) {
        const bool at_rest = rests(each);
        all_rest &= at_rest;
        const busy_loop now =
            at_rest ? busy_loop(each.loop.name, base::duration::zero()) : ask(each);
        switch (each.turns.look(now.busy, limit)) {
        case blockage_news::begins:
            reports += blocking_detected(now, limit, stack(each.loop.thread));
            break;
        case blockage_news::over:
            each.loop.recovered(each.turns.longest());
            break;
        case blockage_news::none:
            break;
        }
    }
    pay_attention(all_rest);
    return reports;
}

void loop_watch::pay_attention(bool all_rest) {
    const auto before = std::exchange(attention_, next_attention(attention_, all_rest));
    if (before == attention::awake && attention_ == attention::drowsy)
        for (const seen& each : loops_)
            each.loop.turns->arm();
}

void loop_watch::ask_all() {
    for (const seen& each : loops_)
        std::ignore = ask(each);
}

std::vector<busy_loop> loop_watch::busy() const {
    std::vector<busy_loop> all;
    for (const seen& each : loops_)
        all.push_back(ask(each));
    return all;
}

std::string loop_watch::silent(base::duration limit, const stack_of& stack) const {
    std::string reports;
    for (const seen& each : loops_)
        if (const busy_loop now = ask(each); now.busy >= limit)
            reports += no_answer(now, stack(each.loop.thread));
    return reports;
}

} // namespace aio::app
