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
    if (!inside_->given)
        too_early("context()");
    return *inside_->given;
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

void service::place(common_spec common, const aio::service::context& given, async::loop& at) {
    inside& in = *inside_;
    in.name = given.name();
    in.logger = std::string(given.log().name());
    in.given = given;
    in.home = &at;
    name_it(std::move(common));
    in.ending.emplace(at, name());
    in.tell_signals();
}

void service::has_signal(std::weak_ptr<const signal::hub> one, std::string name) {
    inside_->signals.emplace_back(
        name.empty() ? "a typed signal" : std::move(name), std::move(one)
    );
}

void service::inside::tell_signals() {
    for (auto& [called, one] : std::exchange(signals, {}))
        given->app().signals().include(self.name() + "." + called, std::move(one));
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
    given.emplace(std::make_shared<const context_data>(
        name,
        above.self.name(),
        above.given->options(),
        above.given->app(),
        above.given->app().lend_log(logger)
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
    inside& in = *inside_;
    inside& one = *child->inside_;
    if (one.parent || one.home)
        throw std::invalid_argument("'" + name + "' has a place already");
    one.parent = this;
    one.name = std::move(name);
    one.apart = apart;
    in.children.push_back(std::move(child));
    if (in.at == stage::with_children && !should_stop())
        in.start_children_soon();
}

task<std::unique_ptr<service>> service::remove_child(service& child) {
    inside& in = *inside_;
    if (std::ranges::none_of(in.children, [&](const auto& one) { return one.get() == &child; }))
        throw std::invalid_argument("not a child of " + path());
    const std::shared_ptr<inside> it = child.inside_; // another task may remove it meanwhile
    const auto find = [&] {
        const auto found = std::ranges::find(in.children, it, &service::inside_);
        if (found == in.children.end())
            throw std::invalid_argument("removed from " + path() + " twice");
        return found;
    };
    if (it->apart) {
        co_await in.stop_apart(it);
    } else {
        child.begin_stop();
        co_await it->stopped.wait("the end of a service");
    }
    find();
    co_await inside::take_no_calls(it);
    const auto found = find();
    auto back = std::move(*found);
    const auto place = static_cast<std::size_t>(found - in.children.begin());
    in.children_begun -= place < in.children_begun;
    in.children.erase(found);
    inside& out = *back->inside_;
    out.begun_in = out.life_above = 0;
    out.parent = nullptr;
    std::vector<std::shared_ptr<inside>> with_it;
    out.each(with_it);
    for (const auto& one : with_it) {
        const std::lock_guard lock(one->placing);
        one->home = nullptr;
        one->own = nullptr;
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
    for (const auto& one : inside_->children)
        all.push_back(one.get());
    return all;
}

std::optional<branch> service::apart() const {
    if (!inside_->apart || !inside_->own)
        return std::nullopt;
    branch out;
    out.at = inside_->own;
    out.itself = [weak = std::weak_ptr(inside_)]() -> const unit* {
        const auto in = weak.lock();
        return in && !in->removed ? &in->self : nullptr;
    };
    out.children = [in = inside_] {
        std::vector<const unit*> all;
        for (const auto& one : in->children)
            all.push_back(one.get());
        return all;
    };
    return out;
}

std::vector<std::string> service::unfinished() const {
    std::vector<std::string> all;
    const auto add = [&](async::task_group* of) {
        if (of)
            for (const async::task_info& one : of->unfinished())
                all.push_back(one.text());
    };
    for (const auto& one : inside_->children)
        if (!one->inside_->apart)
            std::ranges::move(one->unfinished(), std::back_inserter(all));
    if (const std::string& one = inside_->awaited; !one.empty())
        all.push_back(one + " has not ended, on a loop of its own");
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
