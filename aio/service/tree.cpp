#include <aio/async/aborted.hpp>
#include <aio/base/exception.hpp>
#include <aio/service/supervisor.hpp>
#include <aio/service/tree_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace aio::service {

tree::state::state(tree_surroundings in_, std::span<const supervisor_spec> specs)
    : surroundings(std::move(in_)), random(surroundings.seed),
      reports(surroundings.main, "tree", [this](std::string_view task, std::exception_ptr why) {
          if (!async::is_aborted(why))
              surroundings.log.warning("{} failed: {}", task, base::message_of(why));
      }) {
    for (const supervisor_spec& spec : specs)
        supervisors.push_back(std::make_unique<supervisor>(spec));
    named = supervisors.size();
    for (const auto& supervisor : supervisors)
        for (const auto& above : supervisors)
            if (!supervisor->spec.supervisor.empty() &&
                above->spec.name == supervisor->spec.supervisor)
                supervisor->above = above.get();
}

tree::state::~state() {
    request->tree = nullptr;
}

unit_state* tree::state::find(std::string_view name) const noexcept {
    const auto found = by_name.find(name);
    if (found == by_name.end())
        return nullptr;
    return found->second->acts_in ? found->second->acts_in : found->second;
}

tree::tree(tree_surroundings surroundings, std::span<const supervisor_spec> supervisors)
    : state_(std::make_shared<state>(std::move(surroundings), supervisors)) {}

tree::~tree() = default;

namespace {

/// A supervisor joins the list of the one above together with its own first member.
void join(supervisor& supervisor, member target, std::size_t& place) {
    if (supervisor.members.empty() && supervisor.above) {
        member self;
        self.below = &supervisor;
        join(*supervisor.above, self, supervisor.place);
    }
    place = supervisor.members.size();
    supervisor.members.push_back(target);
}

supervisor* supervisor_of(tree::state& s, const common_spec& common) {
    if (common.supervisor.empty()) {
        if (common.restart == restart::never)
            return nullptr;
        s.supervisors.push_back(std::make_unique<supervisor>(implicit_supervisor(common)));
        return s.supervisors.back().get();
    }
    for (std::size_t i = 0; i < s.named; ++i)
        if (s.supervisors[i]->spec.name == common.supervisor)
            return s.supervisors[i].get();
    return nullptr;
}

} // namespace

void tree::add(const planned& plan, async::loop& home, std::unique_ptr<unit> subject) {
    state& s = *state_;
    unit_state& unit =
        *s.units.emplace_back(std::make_unique<unit_state>(s, plan, home, std::move(subject)));
    s.by_name[unit.name()] = &unit;
    unit.waits = !unit.subject;
    for (std::size_t i = 0; i < s.named; ++i)
        if (s.supervisors[i]->spec.replacement == unit.name()) {
            s.supervisors[i]->replacement = &unit;
            unit.waits = true;
            return;
        }
    for (const std::string& name : plan.common.depends)
        if (const auto before = s.by_name.find(name); before != s.by_name.end()) {
            unit.depends.push_back(before->second);
            before->second->dependents.push_back(&unit);
        }
    unit.above = supervisor_of(s, plan.common);
    ++(plan.ends_by_itself ? s.enders : s.others);
    member self;
    self.unit = &unit;
    if (unit.above)
        join(*unit.above, self, unit.place);
}

void tree::place(std::size_t index, std::unique_ptr<unit> subject) {
    unit_state& unit = *state_->units.at(index);
    unit.subject = std::move(subject);
    unit.waits = std::ranges::any_of(state_->supervisors, [&](const auto& each) {
        return each->replacement == &unit;
    });
}

std::vector<std::string> tree::prepare(const std::function<bool(const unit&)>& begins) {
    std::vector<std::string> wrong;
    for (const auto& unit : state_->units) {
        unit->holds = unit->waits ? holding::nothing : holding::taken;
        if (unit->waits)
            continue;
        if (begins && !begins(*unit->subject))
            break;
        try {
            unit->subject->prepare();
        } catch (...) {
            wrong.push_back(base::message_of(std::current_exception()));
        }
    }
    return wrong;
}

std::vector<std::string> tree::give_to(uid_t user, gid_t group) {
    std::vector<std::string> wrong;
    for (const auto& unit : state_->units)
        if (unit->holds != holding::nothing)
            std::ranges::move(unit->subject->give_to(user, group), std::back_inserter(wrong));
    return wrong;
}

task<void> tree::start() {
    const auto s = state_;
    s->reports.spawn("start report", s->report());
    for (const auto& unit : s->units) {
        if (unit->waits)
            continue;
        unit->initial = true;
        ++s->initial_left;
        s->want_up(*unit);
    }
    s->progress = course::begun;
    s->pump();
    co_await s->started.wait("the start of services");
    s->reports.cancel();
    if (s->worst == harm::given_up && !s->start_failure.empty())
        throw start_error(s->start_failure);
    if (s->cut_short || (s->held && s->initial_left != 0))
        throw start_error("told to stop before everything had started");
}

void tree::hold() noexcept {
    if (state_->held.exchange(true))
        return;
    const auto& request = state_->request; // start() waits no longer
    request->call.request(state_->surroundings.main, request);
}

void tree::end_intake() {
    state& s = *state_;
    s.held = true;
    std::map<async::loop*, std::vector<unit*>> elsewhere;
    for (const auto& n : s.units) {
        if (n->waits)
            continue;
        s.take_out(*n);
        if (n->current == phase::down || n->current == phase::starting)
            s.want_down(*n);
        else if (n->home == &s.surroundings.main)
            n->subject->end_intake();
        else
            elsewhere[n->home].push_back(n->subject.get());
    }
    for (auto& [loop, units] : elsewhere)
        loop->post([told = std::move(units)] {
            for (unit* part : told)
                part->end_intake();
        });
    s.pump();
}

task<void> tree::stop(stop_deadlines deadlines, std::function<void()> left) {
    const auto s = state_;
    s->progress = course::stopping;
    s->limits = deadlines;
    s->tell_left = std::move(left);
    s->active = 0;
    std::vector<unit_state*> hung; // these get no further time
    for (auto one = s->units.rbegin(); one != s->units.rend(); ++one) {
        unit_state& n = **one;
        if (n.waits)
            continue;
        s->take_out(n);
        s->want_down(n);
        s->watch_dependents(n); // units that were added before it
        if (n.is_hung())
            hung.push_back(&n);
        s->active += n.counted = !s->over(n);
        if (!n.is_hung() && (n.current == phase::starting || n.current == phase::stopping))
            s->limit_in_stop(n);
    }
    s->left = s->active;
    for (unit_state* unit : hung)
        s->leave_unfinished(*unit);
    if (s->tell_left)
        s->tell_left();
    s->pump();
    s->reports.cancel(); // the report of a start that was cancelled
    s->reports.spawn("stop report", s->report());
    co_await s->stopped.wait("the end of services");
    s->reports.cancel();
    co_await s->reports.join();
    s->tell_left = nullptr;
}

namespace {

// Only for units of this tree by name. The posted function does nothing when the tree has ended.
template <typename F>
bool post_about(tree::state& s, std::string_view name, F value) {
    if (!s.by_name.contains(name))
        return false;
    ++s.news;
    s.surroundings.main.post(
        [state = s.weak_from_this(), name = std::string(name), what = std::move(value)] {
            const auto self = state.lock();
            if (!self)
                return;
            --self->news;
            if (unit_state* unit = self->find(name);
                unit && unit->name() == name) // and not a replacement
                what(*self, *unit);
            self->pump();
        }
    );
    return true;
}

} // namespace

bool tree::crashed(std::string_view name, std::exception_ptr why) {
    return post_about(*state_, name, [why = std::move(why)](state& s, unit_state& unit) {
        s.on_crashed(unit, why);
    });
}

bool tree::ended(std::string_view name) {
    return post_about(*state_, name, [](state& s, unit_state& unit) { s.on_ended(unit); });
}

unit* tree::find(std::string_view name) const noexcept {
    const unit_state* unit = state_->find(name);
    return unit ? unit->subject.get() : nullptr;
}

std::vector<const unit*> tree::units() const {
    std::vector<const unit*> all;
    for (const auto& unit : state_->units)
        if (!unit->waits)
            all.push_back(unit->subject.get());
    return all;
}

std::vector<const unit*> tree::unfinished() const {
    std::vector<const unit*> all;
    for (const auto& unit : state_->units)
        if (unit->unfinished)
            all.push_back(unit->subject.get());
    return all;
}

bool tree::has_failed() const noexcept {
    return state_->worst != harm::none;
}

bool tree::has_given_up() const noexcept {
    return state_->worst == harm::given_up;
}

} // namespace aio::service
