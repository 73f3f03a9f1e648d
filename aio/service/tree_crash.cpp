// What follows a crash: the supervisor is asked, and its verdict changes which units are wanted.

#include <aio/base/exception.hpp>
#include <aio/service/supervisor.hpp>
#include <aio/service/tree_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aio::service {

namespace {

std::string times(const supervisor_spec& supervisor) {
    return fmt::format("{} within {}", supervisor.max_restarts, base::format(supervisor.over));
}

/// Whether the unit's own supervisor may restart it after a crash for this reason.
bool may_restart(const unit_state& n, const std::exception_ptr& why) {
    return n.plan->common.restart != restart::never && !is_used_up(why);
}

} // namespace

void tree::state::on_crashed(unit_state& n, std::exception_ptr why) {
    if (n.wanted && n.current != phase::down && n.current != phase::stopping)
        return crash(n, why, fmt::format("{} crashed: {}", n.name(), base::message_of(why)));
    if (n.current == phase::down && n.error)
        return;
    const std::string said =
        fmt::format("{} crashed while it was stopping: {}", n.name(), base::message_of(why));
    const bool counts = n.plan->common.restart == restart::never && !n.error;
    if (counts && !stops() && !n.waits_in) // it ends, is forfeited, or starts again with others
        return crash(n, std::move(why), said);
    surroundings.log.error("{}", said);
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
    for (supervisor* above = n.above; above; place = above->place, above = above->above) {
        const verdict decision = ask(*above, place, std::exchange(passed, false), n);
        if (decision.action != verdict::kind::give_up)
            return decision.action == verdict::kind::restart;
    }
    return false;
}

void tree::state::crash(unit_state& n, std::exception_ptr why, const std::string& said) {
    n.error = why;
    ++n.crashes;
    n.subject->becomes(service::state::crashed);
    emit("service-crashed", n);
    want_down(n);
    judge(n, std::move(why), said);
}

/// The start was cancelled by start_timeout, and has ended since, however it did, or hangs.
void tree::state::crash_late(unit_state& n) {
    const std::string text =
        fmt::format("not ready within {}", base::format(*n.subject->common().start_timeout));
    const bool hangs = n.is_hung();
    crash(
        n,
        std::make_exception_ptr(std::runtime_error(text)),
        fmt::format("{} was {}{}", n.name(), text, hangs ? ", and its start has not ended" : "")
    );
    if (!hangs)
        return;
    touch_depends(n);
    touch_dependents(n);
}

void tree::state::on_ended(unit_state& n) {
    if (n.current == phase::starting && n.wanted)
        n.end = fate::ends_when_up;
    if (!n.wanted || n.current != phase::up)
        return;
    want_down(n);
    // Counted as a restart, so that a unit that ends at once does not restart without a limit.
    if (n.plan->common.restart == restart::always && !held) {
        const std::string said = n.name() + " has ended";
        return judge(n, std::make_exception_ptr(std::runtime_error(said)), said);
    }
    surroundings.log.info("{} has ended", n.name());
    n.end = fate::finished;
}

/// A crash that is `passed` on may lead to a forfeit, but not to a restart.
verdict
tree::state::ask(supervisor& supervisor, std::size_t place, bool passed, const unit_state& n) {
    if (passed && !forfeits(supervisor.spec.strategy))
        return {};
    const auto now = surroundings.main.time().now();
    base::duration up{0};
    if (n.up_since && !n.is_hung()) // a hung unit is not up
        up = now - *n.up_since;
    return supervisor.window.on_crash(
        supervisor.spec, place, supervisor.members.size(), now.time_since_epoch(), random, up
    );
}

/// Asks the supervisors upwards until one has a verdict.
void tree::state::judge(unit_state& n, std::exception_ptr why, std::string said) {
    if (held) {
        const bool again = may_restart(n, why);
        suffers(again ? harm::none : harm::given_up);
        if (again)
            surroundings.log.error("{}; it is not restarted, because the app stops", said);
        else
            surroundings.log.critical("{}", said);
        return;
    }
    supervisor* above = n.above;
    member target;
    target.unit = &n;
    std::size_t place = n.place;
    bool passed = n.is_hung() || !may_restart(n, why);
    while (above) {
        const verdict decision = ask(*above, place, std::exchange(passed, n.is_hung()), n);
        if (decision.action == verdict::kind::restart)
            return restart(*above, decision, target, said);
        if (decision.action == verdict::kind::forfeit)
            return forfeit(*above, decision, n, said);
        surroundings.log.error("{}", said);
        const bool restarts = n.plan->common.restart != restart::never && !n.is_hung();
        const std::string title = above->spec.name.empty() ? n.name() : above->title();
        said = restarts || target.below
                   ? fmt::format("{}: Max restarts exceeded ({})", title, times(above->spec))
                   : fmt::format("{}: {} is not started again", title, n.name());
        why = wrapped(said, why);
        target = {nullptr, above};
        place = above->place;
        above = above->above;
    }
    give_up(n, std::move(why), said);
}

void tree::state::give_up(unit_state& n, std::exception_ptr why, const std::string& said) {
    n.end = fate::given_up;
    n.subject->becomes(service::state::given_up);
    suffers(harm::given_up);
    if (started.is_set() || n.above)
        surroundings.log.critical("{}", said);
    else
        surroundings.log.error("{}", said);
    for (const std::string& cause : base::messages_of(why))
        if (said.find(cause) == said.npos)
            surroundings.log.critical("  caused by: {}", cause);
    if (start_failure.empty())
        start_failure = said;
    started.set();
    if (surroundings.failed)
        surroundings.failed();
}

void tree::state::restart(
    supervisor& supervisor, const verdict& verdict, member crashed, const std::string& said
) {
    auto made = std::make_unique<batch>(*this);
    batch& group = *made;
    group.seat = batches.size();
    batches.push_back(std::move(made));
    group.not_before = async::later(surroundings.main.time().now(), verdict.after);
    if (verdict.replace && crashed.unit && supervisor.replacement) {
        group.replaced = crashed.unit;
        group.replacement = std::exchange(supervisor.replacement, nullptr);
    }
    for (const std::size_t which : verdict.members) {
        const member& each = supervisor.members[which];
        if (each.below)
            put(group, *each.below);
        else if (each.unit->end != fate::finished)
            put(group, *each.unit);
    }
    const std::string company =
        group.count > 1 ? fmt::format(" with {} more", group.count - 1) : std::string{};
    surroundings.log.warning(
        "{}; {} in {}{} ({} of {})",
        said,
        group.replacement ? group.replacement->name() + " takes its place" : "it starts again",
        base::format(std::chrono::ceil<std::chrono::milliseconds>(verdict.after)),
        company,
        verdict.count,
        times(supervisor.spec)
    );
    if (group.left == 0)
        surroundings.main.add_timer(group, group.not_before);
}

void tree::state::forfeit(
    supervisor& supervisor, const verdict& verdict, unit_state& crashed, const std::string& said
) {
    suffers(harm::lost);
    surroundings.log.error(
        "{}; {}", said, verdict.members.size() > 1 ? "all stop with it" : "it stays stopped"
    );
    const auto stop = [this](unit_state& n) {
        take_out(n);
        want_down(n);
        if (n.current == phase::down)
            n.subject->becomes(service::state::stopped);
    };
    const auto all = [&](const auto& self, const member& target) -> void {
        if (target.unit)
            return stop(*target.unit);
        for (const member& each : target.below->members)
            self(self, each);
    };
    for (const std::size_t which : verdict.members)
        all(all, supervisor.members[which]);
    crashed.end = fate::given_up;
    crashed.subject->becomes(service::state::given_up);
}

void tree::state::put(batch& into, supervisor& supervisor) {
    supervisor.window.clear();
    for (const member& each : supervisor.members)
        if (each.below)
            put(into, *each.below);
        else
            put(into, *each.unit);
}

void tree::state::put(batch& into, unit_state& n) {
    take_out(n, &into);
    n.waits_in = &into;
    if (n.end == fate::given_up)
        n.end = fate::open;
    into.units.push_back(&n);
    ++into.count;
    into.left += n.current != phase::down;
    want_down(n);
}

/// A replacement that has not taken its place yet goes to the heir, or back to the supervisor.
void tree::state::take_out(unit_state& n, batch* heir) {
    batch* group = std::exchange(n.waits_in, nullptr);
    if (!group)
        return;
    if (group->replaced == &n) {
        group->replaced = nullptr;
        unit_state* unit = std::exchange(group->replacement, nullptr);
        if (heir && !heir->replaced) {
            heir->replaced = &n;
            heir->replacement = unit;
        } else {
            n.above->replacement = unit;
        }
    }
    group->left -= n.current != phase::down;
    if (--group->count == 0)
        drop(*group);
    else if (group->left == 0 && !group->armed())
        surroundings.main.add_timer(*group, group->not_before);
    touch(n);
}

void tree::state::is_down(unit_state& n) {
    if (n.waits_in && --n.waits_in->left == 0)
        surroundings.main.add_timer(*n.waits_in, n.waits_in->not_before);
}

void tree::state::drop(batch& batch) {
    const std::size_t seat = batch.seat;
    batches[seat].swap(batches.back());
    batches[seat]->seat = seat;
    batches.pop_back();
}

batch::~batch() {
    owner.surroundings.main.remove_timer(*this);
}

void batch::fire() {
    tree::state& tree = owner;
    tree.go_on(*this);
    tree.pump();
}

void tree::state::go_on(batch& batch) {
    if (batch.replaced)
        replace(*batch.replaced, *batch.replacement);
    for (unit_state* n : batch.units) {
        if (n->waits_in != &batch)
            continue;
        n->waits_in = nullptr;
        if (n->next == turn::first)
            n->next = turn::again;
        emit("service-restarting", *n);
        want_up(*n);
    }
    drop(batch);
}

void tree::state::replace(unit_state& n, unit_state& replacement) {
    n.retired.push_back(std::move(n.subject));
    n.subject = std::move(replacement.subject);
    n.home = replacement.home;
    n.holds = holding::nothing;
    n.next = turn::in_place;
    n.error = nullptr;
    replacement.acts_in = &n;
}

/// A hung unit cannot start again. Units that wait for it wait no longer.
void tree::state::stop_for_good(unit_state& n) {
    const std::string said = fmt::format("{} has not ended, it cannot be started again", n.name());
    const bool wanted_again = n.waits_in != nullptr;
    take_out(n);
    touch_depends(n);
    touch_dependents(n);
    if (wanted_again)
        judge(n, n.error ? n.error : std::make_exception_ptr(std::runtime_error(said)), said);
    else
        surroundings.log.error("{}", said);
}

} // namespace aio::service
