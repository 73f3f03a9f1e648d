#include <aio/base/exception.hpp>
#include <aio/process/process.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace aio::process {

namespace {

// When nobody said how long, and nobody else sees to it: after a crash.
constexpr base::duration patience = std::chrono::seconds(10);

} // namespace

process::process(std::shared_ptr<const spec> what, aio::service::runtime& app, async::loop& at)
    : unit(what->common), spec_(std::move(what)), app_(app), loop_(at), log_(app.log("aio")),
      label_(name().substr(name().find('/') + 1)) {
    worker::owner& self = *this;
    for (std::size_t i = 0; i < spec_->count; ++i)
        workers_.push_back(std::make_unique<worker>(*spec_, i, self, app_, loop_));
    idle_.set();
}

process::~process() {
    loop_.remove_timer(*this);
}

task<void> process::start() {
    std::exception_ptr why;
    try {
        co_await start_all();
    } catch (...) {
        why = std::current_exception();
    }
    starting_ = false;
    if (!why)
        why = std::exchange(failed_, nullptr);
    if (!why)
        co_return;
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    cancel();
    co_await wait_stopped();
    throw std::runtime_error(
        fmt::format("Process({}) failed to start: {}", label_, base::message_of(why))
    );
}

task<void> process::start_all() {
    starting_ = true;
    stopping_ = false;
    failed_ = nullptr;
    idle_.reset();
    for (const auto& one : workers_) {
        co_await one->start();
        log_.info("Process({}) {} started with pid {}", one->label(), spec_->shown, one->pid());
        if (stopping_)
            throw std::runtime_error("it was stopped meanwhile");
    }
    if (!any_running())
        idle();
}

void process::idle() noexcept {
    loop_.remove_timer(*this);
    idle_.set();
}

void process::begin_stop() noexcept {
    if (std::exchange(stopping_, true))
        return;
    stop_all(common().stop_timeout); // without one, whoever stops us says when to cancel
}

void process::stop_all(std::optional<base::duration> then_kill_after) noexcept {
    for (const auto& one : workers_)
        one->stop();
    if (then_kill_after && any_running())
        loop_.add_timer(*this, async::later(loop_.now(), *then_kill_after));
}

void process::fire() {
    for (const auto& one : workers_) {
        if (!one->running())
            continue;
        log_.warning("Process({}) {}: it is killed", one->label(), one->text());
        one->kill();
    }
}

task<void> process::wait_stopped() {
    co_await idle_.wait("the end of a process");
}

void process::cancel() noexcept {
    stopping_ = true;
    for (const auto& one : workers_)
        one->kill();
    if (!starting_ && !any_running())
        idle();
}

std::vector<std::string> process::unfinished() const {
    std::vector<std::string> all;
    for (const auto& one : workers_)
        if (one->running())
            all.push_back(one->text());
    return all;
}

std::vector<pid_t> process::pids() const {
    std::vector<pid_t> all;
    for (const auto& one : workers_)
        if (one->running())
            all.push_back(one->pid());
    return all;
}

void process::worker_ended(worker& one, pid_t pid, const ending& how) {
    last_ = how;
    note_end(one, pid, how);
    if (!how.clean() && !stopping_)
        report_end(std::make_exception_ptr(
            std::runtime_error(fmt::format("pid {} {}", pid, describe(how)))
        ));
    else if (!any_running())
        report_end(nullptr);
}

void process::note_end(const worker& one, pid_t pid, const ending& how) {
    const log::level at = how.clean() || stopping_ ? log::level::info : log::level::warning;
    log_.log(at, "Process({}) pid {} {}", one.label(), pid, describe(how));
}

// What the app does about it may start us again before it returns.
void process::report_end(const std::exception_ptr& failed) {
    if (starting_) {
        failed_ = failed;
        return;
    }
    const bool told = std::exchange(stopping_, stopping_ || failed);
    if (failed)
        stop_all(common().stop_timeout.value_or(patience));
    if (!any_running())
        idle();
    if (failed)
        app_.crashed(name(), failed);
    else if (!told)
        app_.ended(name());
}

bool process::any_running() const noexcept {
    return std::ranges::any_of(workers_, [](const auto& one) { return one->running(); });
}

} // namespace aio::process
