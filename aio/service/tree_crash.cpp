// What follows a crash: the supervisor is asked, and its verdict changes which units are wanted.

#include <aio/base/exception.hpp>
#include <aio/service/supervisor.hpp>
#include <aio/service/tree_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aio::service {

namespace {

std::string times(const supervisor_spec& of) {
    return fmt::format("{} within {}", of.max_restarts, base::format(of.over));
}

/// Whether the unit's own supervisor may restart it after a crash for this reason.
bool may_restart(const unit_state& n, const std::exception_ptr& why) {
    return n.plan->common.restart != restart::never && !is_used_up(why);
}

} // namespace

void tree::state::on_crashed(unit_state& n, std::exception_ptr why) {
    if (n.wanted && n.at != phase::down && n.at != phase::stopping)
        return crash(n, why, fmt::format("{} crashed: {}", n.name(), base::message_of(why)));
    if (n.at == phase::down && n.error)
        return;
    const std::string said =
        fmt::format("{} crashed while it was stopping: {}", n.name(), base::message_of(why));
    const bool counts = n.plan->common.restart == restart::never && !n.error;
    if (counts && !stops() && !n.in) // it ends, is forfeited, or starts again with others
        return crash(n, std::move(why), said);
    in.log.error("{}", said);
    ++n.crashes;
    if (stops() && !n.error)
        suffers(would_restart(n, why) ? harm::none : harm::lost);
    if (counts || stops())
        n.error = std::move(why);
}

/// Whether a crash in the stop would have led to a restart before the stop. Changes nothing.
bool tree::state::would_restart(const unit_state& n, const std::exception_ptr& why) {
    std::size_t place = n.place;
    bool passed = !may_restart(n, why);
    for (supervisor* by = n.by; by; place = by->place, by = by->above) {
        const verdict what = ask(*by, place, std::exchange(passed, false), n);
        if (what.what != verdict::kind::give_up)
            return what.what == verdict::kind::restart;
    }
    return false;
}

void tree::state::crash(unit_state& n, std::exception_ptr why, const std::string& said) {
    n.error = why;
    ++n.crashes;
    n.it->becomes(service::state::crashed);
    emit("service-crashed", n);
    want(n, false);
    judge(n, std::move(why), said);
}

void tree::state::on_ended(unit_state& n) {
    if (n.at == phase::starting && n.wanted)
        n.end = fate::ends_when_up;
    if (!n.wanted || n.at != phase::up)
        return;
    want(n, false);
    if (n.plan->common.restart == restart::always && !held) {
        const std::string said = n.name() + " has ended";
        return judge(n, std::make_exception_ptr(std::runtime_error(said)), said);
    }
    in.log.info("{} has ended", n.name());
    n.end = fate::finished;
}

/// A crash that is `passed` on may lead to a forfeit, but not to a restart.
verdict tree::state::ask(supervisor& by, std::size_t place, bool passed, const unit_state& n) {
    if (passed && !forfeits(by.spec.strategy))
        return {};
    const auto now = in.main.time().now();
    base::duration up{0};
    if (n.up_since && !n.is_hung()) // a hung unit is not up
        up = now - *n.up_since;
    return by.window.on_crash(
        by.spec, place, by.members.size(), now.time_since_epoch(), random, up
    );
}

/// Asks the supervisors upwards until one has a verdict.
void tree::state::judge(unit_state& n, std::exception_ptr why, std::string said) {
    if (held) {
        const bool again = may_restart(n, why);
        suffers(again ? harm::none : harm::given_up);
        if (again)
            in.log.error("{}; the app stops, it does not start again", said);
        else
            in.log.critical("{}", said);
        return;
    }
    supervisor* by = n.by;
    member who;
    who.unit = &n;
    std::size_t place = n.place;
    bool passed = n.is_hung() || !may_restart(n, why);
    while (by) {
        const verdict what = ask(*by, place, std::exchange(passed, n.is_hung()), n);
        if (what.what == verdict::kind::restart)
            return restart(*by, what, who, said);
        if (what.what == verdict::kind::forfeit)
            return forfeit(*by, what, n, said);
        in.log.error("{}", said);
        const bool restarts = n.plan->common.restart != restart::never && !n.is_hung();
        const std::string title = by->spec.name.empty() ? n.name() : by->title();
        said = restarts || who.below
                   ? fmt::format("{}: Max restarts exceeded ({})", title, times(by->spec))
                   : fmt::format("{}: {} is not started again", title, n.name());
        why = wrapped(said, why);
        who = {nullptr, by};
        place = by->place;
        by = by->above;
    }
    give_up(n, std::move(why), said);
}

void tree::state::give_up(unit_state& n, std::exception_ptr why, const std::string& said) {
    n.end = fate::given_up;
    n.it->becomes(service::state::given_up);
    suffers(harm::given_up);
    if (started.is_set() || n.by)
        in.log.critical("{}", said);
    else
        in.log.error("{}", said);
    for (const std::string& cause : base::messages_of(why))
        if (said.find(cause) == said.npos)
            in.log.critical("  caused by: {}", cause);
    if (start_failure.empty())
        start_failure = said;
    started.set();
    if (in.failed)
        in.failed();
}

void tree::state::restart(
    supervisor& by, const verdict& what, member who, const std::string& said
) {
    auto made = std::make_unique<batch>(*this);
    batch& one = *made;
    one.seat = batches.size();
    batches.push_back(std::move(made));
    one.not_before = async::later(in.main.time().now(), what.after);
    if (what.replace && who.unit && by.replacement) {
        one.replaced = who.unit;
        one.replacement = std::exchange(by.replacement, nullptr);
    }
    for (const std::size_t which : what.whom) {
        const member& each = by.members[which];
        if (each.below)
            put(one, *each.below);
        else if (each.unit->end != fate::finished)
            put(one, *each.unit);
    }
    const std::string company =
        one.count > 1 ? fmt::format(" with {} more", one.count - 1) : std::string{};
    in.log.warning(
        "{}; {} in {}{} ({} of {})",
        said,
        one.replacement ? one.replacement->name() + " takes its place" : "it starts again",
        base::format(std::chrono::ceil<std::chrono::milliseconds>(what.after)),
        company,
        what.count,
        times(by.spec)
    );
    if (one.left == 0)
        in.main.add_timer(one, one.not_before);
}

void tree::state::forfeit(
    supervisor& by, const verdict& what, unit_state& crashed, const std::string& said
) {
    suffers(harm::lost);
    in.log.error("{}; {}", said, what.whom.size() > 1 ? "all stop with it" : "it stays stopped");
    const auto stop = [this](unit_state& n) {
        take_out(n);
        want(n, false);
        if (n.at == phase::down)
            n.it->becomes(service::state::stopped);
    };
    const auto all = [&](const auto& self, const member& one) -> void {
        if (one.unit)
            return stop(*one.unit);
        for (const member& each : one.below->members)
            self(self, each);
    };
    for (const std::size_t which : what.whom)
        all(all, by.members[which]);
    crashed.end = fate::given_up;
    crashed.it->becomes(service::state::given_up);
}

void tree::state::put(batch& into, supervisor& one) {
    one.window.clear();
    for (const member& each : one.members)
        if (each.below)
            put(into, *each.below);
        else
            put(into, *each.unit);
}

void tree::state::put(batch& into, unit_state& n) {
    take_out(n, &into);
    n.in = &into;
    if (n.end == fate::given_up)
        n.end = fate::open;
    into.whom.push_back(&n);
    ++into.count;
    into.left += n.at != phase::down;
    want(n, false);
}

/// A replacement that has not taken its place yet goes to the heir, or back to the supervisor.
void tree::state::take_out(unit_state& n, batch* heir) {
    batch* one = std::exchange(n.in, nullptr);
    if (!one)
        return;
    if (one->replaced == &n) {
        one->replaced = nullptr;
        unit_state* with = std::exchange(one->replacement, nullptr);
        if (heir && !heir->replaced) {
            heir->replaced = &n;
            heir->replacement = with;
        } else {
            n.by->replacement = with;
        }
    }
    one->left -= n.at != phase::down;
    if (--one->count == 0)
        drop(*one);
    else if (one->left == 0 && !one->armed())
        in.main.add_timer(*one, one->not_before);
    touch(n);
}

void tree::state::is_down(unit_state& n) {
    if (n.in && --n.in->left == 0)
        in.main.add_timer(*n.in, n.in->not_before);
}

void tree::state::drop(batch& one) {
    const std::size_t seat = one.seat;
    batches[seat].swap(batches.back());
    batches[seat]->seat = seat;
    batches.pop_back();
}

batch::~batch() {
    of.in.main.remove_timer(*this);
}

void batch::fire() {
    tree::state& tree = of;
    tree.go_on(*this);
    tree.pump();
}

void tree::state::go_on(batch& one) {
    if (one.replaced)
        replace(*one.replaced, *one.replacement);
    for (unit_state* n : one.whom) {
        if (n->in != &one)
            continue;
        n->in = nullptr;
        if (n->next == turn::first)
            n->next = turn::again;
        emit("service-restarting", *n);
        want(*n, true);
    }
    drop(one);
}

void tree::state::replace(unit_state& n, unit_state& with) {
    n.retired.push_back(std::move(n.it));
    n.it = std::move(with.it);
    n.home = with.home;
    n.holds = holding::nothing;
    n.next = turn::in_place;
    n.error = nullptr;
    with.acts_in = &n;
}

/// A hung unit cannot start again. Units that wait for it wait no longer.
void tree::state::stop_for_good(unit_state& n) {
    const std::string said = fmt::format("{} has not ended, it cannot be started again", n.name());
    const bool wanted_again = n.in != nullptr;
    take_out(n);
    touch_depends(n);
    if (wanted_again)
        judge(n, n.error ? n.error : std::make_exception_ptr(std::runtime_error(said)), said);
    else
        in.log.error("{}", said);
}

} // namespace aio::service
