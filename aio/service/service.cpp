#include <aio/base/demangle.hpp>
#include <aio/base/mistake.hpp>
#include <aio/service/service_inside.hpp>
#include <aio/signal/bus.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <typeinfo>

namespace aio::service {

service::service() : unit(common_spec{}), inside_(std::make_shared<inside>(*this)) {
    inside_->stopped.set();
}

service::~service() {
    // Posts and casts that are still on their way find no service. Other loops may read it.
    inside_->enter(stage::stopped);
}

// In a constructor, typeid names the class whose constructor runs.
void service::too_early(std::string_view member) const {
    throw base::mistake(fmt::format(
        "{}: {} cannot be used before the service starts: use it in on_start, not in the "
        "constructor (which may take a const aio::service_context&)",
        base::demangle(typeid(*this).name()),
        member
    ));
}

const aio::service::context& service::context() const {
    if (!inside_->own_context)
        too_early("context()");
    return *inside_->own_context;
}

std::string service::path() const {
    return inside_->parent ? inside_->parent->path() + "/" + inside_->name : inside_->name;
}

std::size_t service::depth() const noexcept {
    return inside_->parent ? inside_->parent->depth() + 1 : 1;
}

service* service::parent() const noexcept {
    return inside_->parent;
}

std::uint64_t service::restarts() const noexcept {
    return inside_->lives > 1 ? inside_->lives - 1 : 0;
}

std::exception_ptr service::crash_reason() const noexcept {
    return inside_->why;
}

async::loop& service::home() const {
    const std::lock_guard lock(inside_->placing);
    if (!inside_->home)
        too_early("home()");
    return *inside_->home;
}

/// nullptr: it has not started yet, or has been removed.
std::shared_ptr<async::loop> service::shared_home() const noexcept {
    const std::lock_guard lock(inside_->placing);
    if (inside_->home && inside_->own)
        return inside_->own;
    return {std::shared_ptr<void>(), inside_->home};
}

void service::place(common_spec common, const aio::service::context& context, async::loop& loop) {
    inside& own = *inside_;
    own.name = context.name();
    own.logger = std::string(context.log().name());
    own.own_context = context;
    own.home = &loop;
    name_it(std::move(common));
    own.ending.emplace(loop, name());
    own.tell_signals();
}

void service::has_signal(std::weak_ptr<const signal::hub> hub, std::string name) {
    inside_->signals.emplace_back(
        name.empty() ? "a typed signal" : std::move(name), std::move(hub)
    );
}

void service::inside::tell_signals() {
    for (auto& [called, value_type] : std::exchange(signals, {}))
        own_context->app().signals().include(self.name() + "." + called, std::move(value_type));
}

/// Its names, and the loop it shares unless it has its own.
void service::inside::place_below(inside& above) {
    {
        const std::lock_guard lock(placing);
        if (!apart)
            own = above.own;
        home = apart ? own.get() : above.home;
    }
    logger = above.logger + "." + name;
    common_spec common;
    common.section = above.self.name() + "/" + name;
    common.where = above.self.common().where;
    common.loop = above.self.common().loop;
    own_context.emplace(std::make_shared<const context_data>(
        name,
        above.self.name(),
        above.own_context->options(),
        above.own_context->app(),
        above.own_context->app().lend_log(logger)
    ));
    self.name_it(std::move(common));
    ending.emplace(*home, self.name());
    tell_signals();
}

void service::adopt(std::unique_ptr<service> child, std::string name, bool apart) {
    if (!child)
        throw std::invalid_argument("'" + name + "' is no service: nullptr");
    if (name.empty() || name.find('/') != name.npos)
        throw std::invalid_argument("'" + name + "' is no name: a child has one, without '/'");
    inside& own = *inside_;
    inside& target = *child->inside_;
    if (target.parent || target.home)
        throw std::invalid_argument("'" + name + "' has a place already");
    target.parent = this;
    target.name = std::move(name);
    target.apart = apart;
    own.children.push_back(std::move(child));
    if (own.current == stage::with_children && !should_stop())
        own.start_children_soon();
}

task<std::unique_ptr<service>> service::remove_child(service& child) {
    inside& own = *inside_;
    if (std::ranges::none_of(own.children, [&](const auto& known) {
            return known.get() == &child;
        }))
        throw std::invalid_argument("not a child of " + path());
    const std::shared_ptr<inside> target = child.inside_; // another task may remove it meanwhile
    const auto find = [&] {
        const auto found = std::ranges::find(own.children, target, &service::inside_);
        if (found == own.children.end())
            throw std::invalid_argument("removed from " + path() + " twice");
        return found;
    };
    if (target->apart) {
        co_await own.stop_apart(target, inside::departure::removal);
    } else {
        child.begin_stop();
        co_await target->stopped.wait("the end of a service");
    }
    find();
    co_await inside::take_no_calls(target);
    const auto found = find();
    auto back = std::move(*found);
    const auto place = static_cast<std::size_t>(found - own.children.begin());
    own.children_begun -= place < own.children_begun;
    own.children.erase(found);
    inside& out = *back->inside_;
    out.begun_in = out.life_above = 0;
    out.parent = nullptr;
    std::vector<std::shared_ptr<inside>> with_it;
    out.each(with_it);
    for (const auto& each : with_it) {
        const std::lock_guard lock(each->placing);
        each->home = nullptr;
        each->own = nullptr;
    }
    co_return back;
}

task<bool> service::maybe_start() {
    if (inside_->alive() || inside_->waits_for_its_turn() || inside_->is_ending_above())
        co_return false;
    co_await start();
    co_return true;
}

std::vector<const unit*> service::children() const {
    std::vector<const unit*> all;
    for (const auto& service : inside_->children)
        all.push_back(service.get());
    return all;
}

std::optional<branch> service::apart() const {
    if (!inside_->apart || !inside_->own)
        return std::nullopt;
    branch out;
    out.loop = inside_->own;
    out.itself = [weak = std::weak_ptr(inside_)]() -> const unit* {
        const auto own = weak.lock();
        return own && !own->removed ? &own->self : nullptr;
    };
    out.children = [own = inside_] {
        std::vector<const unit*> all;
        for (const auto& service : own->children)
            all.push_back(service.get());
        return all;
    };
    return out;
}

std::vector<std::string> service::unfinished() const {
    std::vector<std::string> all;
    const auto add = [&](async::task_group* group) {
        if (group)
            for (const async::task_info& task_info : group->unfinished())
                all.push_back(task_info.text());
    };
    for (const auto& service : inside_->children)
        if (!service->inside_->apart)
            std::ranges::move(service->unfinished(), std::back_inserter(all));
    if (const std::string& text = inside_->awaited; !text.empty())
        all.push_back(text + " has not ended, on a loop of its own");
    add(inside_->starting ? &*inside_->starting : nullptr);
    add(inside_->work ? &*inside_->work : nullptr);
    add(inside_->hook);
    std::ranges::move(inside_->calls_at_work(), std::back_inserter(all));
    return all;
}

task<void> service::on_first_start() {
    co_return;
}

task<void> service::on_start() {
    co_return;
}

task<void> service::on_started() {
    co_return;
}

task<void> service::on_stop() {
    co_return;
}

task<void> service::on_shutdown() {
    co_return;
}

task<void> service::on_restart() {
    co_return;
}

task<void> service::on_crash(std::exception_ptr) {
    co_return;
}

} // namespace aio::service
