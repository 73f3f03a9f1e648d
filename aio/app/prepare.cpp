// What happens before anything runs: logs opened, loops and services made, sockets bound.

#include <aio/app/limits.hpp>
#include <aio/app/state.hpp>
#include <aio/app/unit_error.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/mistake.hpp>
#include <aio/config/secrets.hpp>
#include <aio/net/dialing.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace aio::app {
namespace {

std::string absolute_path(const std::string& file) {
    std::error_code gone; // the current folder was removed: keep the name as it is
    const auto absolute = std::filesystem::absolute(file, gone);
    return gone ? file : absolute.string();
}

void refuse_if_failed(const base::diagnostics& wrong, const app::state& s) {
    if (wrong.failed())
        throw bad_configuration(base::render(config::masked(wrong, s.from.source.tree)));
}

/// Code of modules does not run as root while the process waits to become another user.
void open_logs(app::state& s) {
    const auto modules =
        s.from.plan.identity ? log::module_handlers::later : log::module_handlers::now;
    refuse_if_failed(s.logs.configure(s.from.plan.logging, {}, modules), s);
    for (const std::string& file : s.from.source.found)
        s.own.info("Configuration file found and read: {}", absolute_path(file));
}

constexpr std::size_t lookup_threads = 4, file_threads = 4;
constexpr std::size_t most_lookups_waiting = 1000;

/// A name whose resolver keeps silent holds one of the threads for names, and no file waits for it.
void make_clients(app::state& s, async::loop& main) {
    const settings& set = s.from.plan.process;
    const auto pool = [&s](std::size_t threads, const char* name) {
        auto made = std::make_unique<async::worker_pool>(
            threads, name, most_lookups_waiting, async::begun_calls::left
        );
        made->on_thread(s.worker_begins);
        return made;
    };
    s.names = pool(set.resolver_threads, "resolver");
    s.files = pool(file_threads, "files");
    s.lookups = pool(lookup_threads, "lookup");
    net::name_cache::rules rules;
    rules.timeout = set.resolver_timeout;
    rules.good = set.resolver_cache;
    const auto warn = [&s](const std::string& text) { s.own.warning("{}", text); };
    auto names = std::make_shared<net::system_resolver>(*s.names, main.time(), warn, rules);
    s.clients = std::make_shared<net::client_environment>(std::move(names), *s.files, warn);
    net::dialing::of(main).share(s.clients);
}

void make_loops(app& a, app::state& s, async::loop& main) {
    s.main = &main;
    s.loops = {&main};
    make_clients(s, main); // the other loops use the same
    net::dialing::of(main).limit_by(a.shared_descriptors());
    s.others.beside(main);
    for (std::size_t i = 1; i < s.from.plan.process.loops; ++i)
        s.loops.push_back(&s.others.add(fmt::format("loop-{}", i), i));
    s.asked_to_stop = std::make_shared<stop_request>();
    s.workers = std::make_unique<async::worker_pool>(s.from.plan.process.worker_threads);
    s.workers->on_thread(s.worker_begins);
    s.bus = std::make_unique<signal::bus>(
        main,
        [&a, &s](const std::string& line, const std::exception_ptr& why) {
            s.own.error("{}", line);
            if (base::is_mistake(why))
                a.crashed("a listener", why);
        }
    );
    s.listeners = std::make_unique<listen::subscriptions>(a);
}

/// Differs from process to process; under a virtual clock it is the same every time.
std::uint_fast32_t seed(const async::loop& main) {
    return static_cast<std::uint_fast32_t>(main.time().wall().time_since_epoch().count());
}

/// Throws once hold() was called.
void refuse_if_held(app::state& s) {
    if (!s.held)
        return;
    s.not_prepared = "told to stop before any service has started";
    throw held_back(s.not_prepared);
}

/// Notes the current step, in case the preparation is cut off there. False once hold() was called:
/// then no further step is taken.
bool begin_step(app::state& s, const std::string& unit) {
    if (s.held)
        return false;
    if (s.who_is_left)
        s.who_is_left(fmt::format(
            "aio: no service has started yet, they were being prepared\n"
            "aio: {} was being prepared\n",
            unit
        ));
    return true;
}

/// Units that the code of a module makes are made as the user that the process becomes.
enum class makers { aio, modules };

makers maker_of(const app::state& s, const service::planned& plan) {
    return plan.made_by_module && s.from.plan.identity ? makers::modules : makers::aio;
}

void make_tree(app& a, app::state& s) {
    service::tree_surroundings tree_surroundings(*s.main, s.own);
    tree_surroundings.bus = s.bus.get();
    tree_surroundings.stop_timeout = s.from.plan.process.stop_timeout;
    tree_surroundings.seed = seed(*s.main);
    tree_surroundings.failed = [&a] { a.stop_soon(); };
    tree_surroundings.cut_off = [&s](const std::string& text) { note_cut_off(s, text); };
    tree_surroundings.finished = [&a, &s] {
        s.own.info("Everything has ended");
        a.stop_soon();
    };
    s.tree = std::make_unique<service::tree>(std::move(tree_surroundings), s.from.plan.supervisors);
    for (const service::planned& plan : s.from.plan.services) {
        async::loop& home = home_of(s, plan.common);
        s.units.emplace_back(nullptr, &home);
        s.tree->add(plan, home, nullptr);
    }
}

/// Every service is tried, here and in its prepare(), so that all that is wrong is said at once.
std::vector<std::string> make_units(app& a, app::state& s, makers who) {
    std::vector<std::string> wrong;
    for (std::size_t i = 0; i < s.units.size(); ++i) {
        const service::planned& plan = s.from.plan.services[i];
        if (maker_of(s, plan) != who)
            continue;
        if (!begin_step(s, plan.common.section))
            break;
        try {
            auto made = plan.make(a, *s.units[i].second);
            s.units[i].first = made.get();
            s.tree->place(i, std::move(made));
        } catch (...) {
            wrong.push_back(
                error_of_unit(plan.common.section, base::message_of(std::current_exception()))
            );
        }
    }
    return wrong;
}

net::descriptor_use descriptors_of(const plan& plan) {
    net::descriptor_use use;
    use.in_use = descriptors_in_use();
    use.always = plan.process.reserve_files;
    for (const service::planned& each : plan.services)
        use.to_start += each.descriptors;
    return use;
}

void refuse_if_any(app::state& s, const std::vector<std::string>& wrong) {
    if (wrong.empty())
        return;
    for (const std::string& text : wrong)
        s.own.error("{}", text);
    s.has_crashed = true;
    s.not_prepared =
        fmt::format("{} of {} services could not start", wrong.size(), s.from.plan.services.size());
    throw start_failed(s.not_prepared);
}

} // namespace

async::loop& home_of(app::state& s, const service::common_spec& spec) {
    if (spec.loop == "own")
        return s.others.add(spec.section, s.loops.size() + s.others.size());
    std::size_t index = 0;
    std::from_chars(spec.loop.data(), spec.loop.data() + spec.loop.size(), index);
    return *s.loops.at(std::min(index, s.loops.size() - 1)); // checked by the plan
}

void app::prepare(async::loop& main) {
    if (!state_->not_prepared.empty())
        throw start_failed(state_->not_prepared);
    if (state_->prepared != preparation::none)
        return;
    refuse_if_held(*state_);
    open_logs(*state_);
    make_loops(*this, *state_, main);
    state_->prepared = preparation::begun;
    make_tree(*this, *state_);
    std::vector<std::string> wrong = make_units(*this, *state_, makers::aio);
    const auto begins = [this](const service::unit& unit) {
        return begin_step(*state_, unit.name());
    };
    std::ranges::move(state_->tree->prepare(begins), std::back_inserter(wrong));
    refuse_if_any(*state_, wrong);
    refuse_if_held(*state_);
}

void app::finish_preparation() {
    if (state_->prepared != preparation::begun)
        return;
    refuse_if_failed(state_->logs.open_module_handlers(), *state_);
    refuse_if_any(*state_, make_units(*this, *state_, makers::modules));
    refuse_if_held(*state_);
    descriptors().plan(descriptors_of(state_->from.plan));
    state_->prepared = preparation::complete;
    state_->ready = state_->tree.get();
    state_->others.start([this](std::exception_ptr why) { crashed("a loop", why); });
}

} // namespace aio::app
