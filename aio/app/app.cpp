#include <aio/app/graph_secrets.hpp>
#include <aio/app/state.hpp>
#include <aio/async/hop.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/visible.hpp>
#include <aio/config/secrets.hpp>

#include <fmt/format.h>

namespace aio::app {
namespace {

task<service::figures> count(const app::state& s) {
    service::figures all;
    all.units = co_await s.tree->statistics();
    all.signals = s.bus->statistics();
    all.calls_waiting = s.workers->waiting();
    co_return all;
}

} // namespace

app::state::state(configuration source) : from(std::move(source)), own(logs.get("aio")) {
    logs.hide(config::secret_texts_of(from.source.tree));
}

app::app(configuration from) : state_(std::make_unique<state>(std::move(from))) {}

app::~app() {
    state_->listeners.reset();
    state_->others.stop();
    state_->others.close();
    state_->tree.reset();
}

task<void> app::start() {
    prepare(*async::loop::of(co_await boost::asio::this_coro::executor));
    finish_preparation();
    co_await start_everything(*state_);
}

task<void> app::stop_requested() {
    co_await state_->asked_to_stop->made.wait();
}

task<outcome> app::stop() {
    co_return co_await stop_everything(*state_);
}

std::string app::cut_off_hooks() const {
    const std::lock_guard lock(state_->guard);
    return base::visible(state_->logs.shown(state_->cut_off));
}

void app::on_unfinished(std::function<void(std::string)> call) {
    state_->who_is_left = std::move(call);
}

void app::each_unit(const std::function<void(const service::unit&, const std::string&)>& call
) const {
    for (const auto& [unit, home] : state_->units)
        call(*unit, home->name());
}

void app::on_stop_asked(std::function<void()> call) {
    state_->stop_asked = std::move(call);
}

void app::on_worker_thread(std::function<void()> call) {
    state_->worker_begins = std::move(call);
}

bool app::reopen_logs() {
    const std::vector<std::string> failed = state_->logs.reopen();
    for (const std::string& why : failed)
        state_->own.error("Log file not reopened: {}", why);
    if (failed.empty())
        state_->own.info("Log files reopened");
    return failed.empty();
}

void app::give_to(uid_t user, gid_t group) {
    for (const std::string& failed : state_->logs.give_to(user, group))
        state_->own.warning("{}", failed);
    for (const std::string& failed : state_->tree->give_to(user, group))
        state_->own.warning("{}", failed);
}

const settings& app::process() const noexcept {
    return state_->from.plan.process;
}

void app::watch_loops(
    std::function<void(async::loop&, pthread_t)> came,
    std::function<void(async::loop&, pthread_t)> goes
) {
    state_->others.watch(std::move(came), std::move(goes));
}

const std::optional<identity>& app::who() const noexcept {
    return state_->from.plan.identity;
}

std::vector<std::string> app::services() const {
    std::vector<std::string> names;
    if (state_->tree)
        for (const service::unit* unit : state_->tree->units())
            names.push_back(unit->name());
    return names;
}

signal::bus& app::signals() noexcept {
    return *state_->bus;
}

log::logger& app::log(std::string_view name) {
    return state_->logs.get(name);
}

std::shared_ptr<log::logger> app::lend_log(std::string_view name) {
    return state_->logs.lend(name);
}

log::tree& app::logs() noexcept {
    return state_->logs;
}

const log::spec& app::logging() const noexcept {
    return state_->from.plan.logging;
}

const config::tree& app::config() const noexcept {
    return state_->from.source.tree;
}

void ask_to_stop(app::state& s) {
    if (s.asked.exchange(true) || !s.main)
        return;
    if (s.stop_asked)
        s.stop_asked();
    if (s.tree)
        s.tree->hold();
    s.asked_to_stop->call.request(*s.main, s.asked_to_stop);
}

void app::stop_soon() {
    ask_to_stop(*state_);
}

bool app::stopping() const noexcept {
    return state_->asked || state_->held;
}

void app::hold() noexcept {
    state_->held = true;
    if (service::tree* all = state_->ready)
        all->hold();
}

bool app::held() const noexcept {
    return state_->held;
}

service::unit* app::find(std::string_view name) const noexcept {
    return state_->tree ? state_->tree->find(name) : nullptr;
}

std::vector<std::string> app::labelled(std::string_view label) const {
    std::vector<std::string> names;
    for (const service::planned& planned : state_->from.plan.services)
        if (!label.empty() && planned.common.label == label)
            names.push_back(planned.common.section);
    return names;
}

async::loop& app::main_loop() noexcept {
    return *state_->main;
}

const std::vector<async::loop*>& app::loops() const noexcept {
    return state_->loops;
}

task<std::shared_ptr<async::loop>> app::open_loop(std::string name) {
    return async::on(*state_->main, [s = state_.get(), name = std::move(name)] {
        return s->others.open(name);
    });
}

async::worker_pool& app::workers() noexcept {
    return *state_->workers;
}

async::worker_pool& app::lookups() noexcept {
    return *state_->lookups;
}

void app::crashed(std::string_view unit, std::exception_ptr why) {
    if (state_->tree && state_->tree->crashed(unit, why))
        return;
    state_->has_crashed = true; // a loop, or the process itself: no supervisor restarts those
    state_->own.critical("{} crashed: {}", unit, base::message_of(why));
    stop_soon();
}

void app::ended(std::string_view unit) {
    state_->tree->ended(unit);
}

void note_cut_off(app::state& s, std::string_view text) {
    if (!s.stopping)
        return;
    const std::lock_guard lock(s.guard);
    s.cut_off += fmt::format("aio: {} when the time for the stop was over\n", text);
}

void app::cut_off(std::string_view unit, std::string_view work) {
    note_cut_off(*state_, fmt::format("{}: {} was cut off", unit, work));
}

void app::stop_failed(std::string_view) {
    if (state_->stopping)
        state_->has_failed_to_stop = true;
}

task<service::graph> app::graph() {
    service::graph drawn =
        co_await async::on(*state_->main, [s = state_.get()] { return s->tree->draw(); });
    co_return masked(std::move(drawn), state_->from.source.tree);
}

task<service::figures> app::statistics() {
    co_return co_await async::on(*state_->main, [s = state_.get()] { return count(*s); });
}

std::uint64_t app::open_files_before() const noexcept {
    return state_->open_files_before;
}

void app::open_files_before(std::uint64_t limit) noexcept {
    state_->open_files_before = limit;
}

void app::write_last_lines() {
    state_->last_lines.emplace(state_->logs, exit_call::without_stop);
}

} // namespace aio::app
