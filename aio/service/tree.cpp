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
    : in(std::move(in_)), random(in.seed),
      reports(in.main, "tree", [this](std::string_view task, std::exception_ptr why) {
          if (!async::is_aborted(why))
              in.log.warning("{} failed: {}", task, base::message_of(why));
      }) {
    for (const supervisor_spec& one : specs)
        supervisors.push_back(std::make_unique<supervisor>(one));
    named = supervisors.size();
    for (const auto& one : supervisors)
        for (const auto& above : supervisors)
            if (!one->spec.supervisor.empty() && above->spec.name == one->spec.supervisor)
                one->above = above.get();
}

tree::state::~state() = default;

unit_state* tree::state::find(std::string_view name) const noexcept {
    const auto found = by_name.find(name);
    if (found == by_name.end())
        return nullptr;
    return found->second->acts_in ? found->second->acts_in : found->second;
}

tree::tree(tree_surroundings in, std::span<const supervisor_spec> supervisors)
    : state_(std::make_shared<state>(std::move(in), supervisors)) {}

tree::~tree() = default;

namespace {

/// A supervisor joins the list of the one above together with its own first member.
void join(supervisor& by, member one, std::size_t& place) {
    if (by.members.empty() && by.above) {
        member self;
        self.below = &by;
        join(*by.above, self, by.place);
    }
    place = by.members.size();
    by.members.push_back(one);
}

supervisor* supervisor_of(tree::state& s, const common_spec& of) {
    if (of.supervisor.empty()) {
        if (of.restart == restart::never)
            return nullptr;
        s.supervisors.push_back(std::make_unique<supervisor>(implicit_supervisor(of)));
        return s.supervisors.back().get();
    }
    for (std::size_t i = 0; i < s.named; ++i)
        if (s.supervisors[i]->spec.name == of.supervisor)
            return s.supervisors[i].get();
    return nullptr;
}

} // namespace

void tree::add(const planned& plan, async::loop& home, std::unique_ptr<unit> it) {
    state& s = *state_;
    unit_state& one =
        *s.units.emplace_back(std::make_unique<unit_state>(s, plan, home, std::move(it)));
    s.by_name[one.name()] = &one;
    for (std::size_t i = 0; i < s.named; ++i)
        if (s.supervisors[i]->spec.replacement == one.name()) {
            s.supervisors[i]->replacement = &one;
            one.waits = true;
            return;
        }
    for (const std::string& name : plan.common.depends)
        if (const auto before = s.by_name.find(name); before != s.by_name.end()) {
            one.depends.push_back(before->second);
            before->second->dependents.push_back(&one);
        }
    one.by = supervisor_of(s, plan.common);
    ++(plan.ends_by_itself ? s.enders : s.others);
    member self;
    self.unit = &one;
    if (one.by)
        join(*one.by, self, one.place);
}

std::vector<std::string> tree::prepare(const std::function<void(const unit&)>& begins) {
    std::vector<std::string> wrong;
    for (const auto& one : state_->units) {
        one->holds = one->waits ? holding::nothing : holding::taken;
        if (one->waits)
            continue;
        if (begins)
            begins(*one->it);
        try {
            one->it->prepare();
        } catch (...) {
            wrong.push_back(base::message_of(std::current_exception()));
        }
    }
    return wrong;
}

std::vector<std::string> tree::give_to(uid_t user, gid_t group) {
    std::vector<std::string> wrong;
    for (const auto& one : state_->units)
        if (one->holds != holding::nothing)
            std::ranges::move(one->it->give_to(user, group), std::back_inserter(wrong));
    return wrong;
}

task<void> tree::start() {
    const auto s = state_;
    s->reports.spawn("start report", s->report());
    for (const auto& one : s->units) {
        if (one->waits)
            continue;
        one->initial = true;
        ++s->initial_left;
        s->want(*one, true);
    }
    s->at = course::begun;
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
    state_->in.main.post([s = state_->weak_from_this()] {
        if (const auto self = s.lock())
            self->pump(); // start() waits no longer
    });
}

void tree::end_intake() {
    state& s = *state_;
    s.held = true;
    std::map<async::loop*, std::vector<unit*>> elsewhere;
    for (const auto& n : s.units) {
        if (n->waits)
            continue;
        s.take_out(*n);
        if (n->at == phase::down || n->at == phase::starting)
            s.want(*n, false);
        else if (n->home == &s.in.main)
            n->it->end_intake();
        else
            elsewhere[n->home].push_back(n->it.get());
    }
    for (auto& [loop, units] : elsewhere)
        loop->post([told = std::move(units)] {
            for (unit* one : told)
                one->end_intake();
        });
    s.pump();
}

task<void> tree::stop(stop_deadlines by, std::function<void()> left) {
    const auto s = state_;
    s->at = course::stopping;
    s->limits = by;
    s->tell_left = std::move(left);
    s->active = 0;
    std::vector<unit_state*> hung; // these get no further time
    for (auto one = s->units.rbegin(); one != s->units.rend(); ++one) {
        unit_state& n = **one;
        if (n.waits)
            continue;
        s->take_out(n);
        s->want(n, false);
        s->watch_dependents(n); // units that were added before it
        if (n.is_hung())
            hung.push_back(&n);
        s->active += n.counted = !s->over(n);
        if (!n.is_hung() && (n.at == phase::starting || n.at == phase::stopping))
            s->limit_in_stop(n);
    }
    s->left = s->active;
    for (unit_state* one : hung)
        s->leave_unfinished(*one);
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
bool post_about(tree::state& s, std::string_view name, F what) {
    if (!s.by_name.contains(name))
        return false;
    ++s.news;
    s.in.main.post([of = s.weak_from_this(), name = std::string(name), what = std::move(what)] {
        const auto self = of.lock();
        if (!self)
            return;
        --self->news;
        if (unit_state* one = self->find(name); one && one->name() == name) // and not a replacement
            what(*self, *one);
        self->pump();
    });
    return true;
}

} // namespace

bool tree::crashed(std::string_view name, std::exception_ptr why) {
    return post_about(*state_, name, [why = std::move(why)](state& s, unit_state& one) {
        s.on_crashed(one, why);
    });
}

bool tree::ended(std::string_view name) {
    return post_about(*state_, name, [](state& s, unit_state& one) { s.on_ended(one); });
}

unit* tree::find(std::string_view name) const noexcept {
    const unit_state* one = state_->find(name);
    return one ? one->it.get() : nullptr;
}

std::vector<const unit*> tree::units() const {
    std::vector<const unit*> all;
    for (const auto& one : state_->units)
        if (!one->waits)
            all.push_back(one->it.get());
    return all;
}

std::vector<const unit*> tree::unfinished() const {
    std::vector<const unit*> all;
    for (const auto& one : state_->units)
        if (one->unfinished)
            all.push_back(one->it.get());
    return all;
}

bool tree::has_failed() const noexcept {
    return state_->worst != harm::none;
}

bool tree::has_given_up() const noexcept {
    return state_->worst == harm::given_up;
}

} // namespace aio::service
