#include <aio/async/sleep.hpp>
#include <aio/base/exception.hpp>
#include <aio/process/process.hpp>
#include <aio/service/supervisor.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace aio::process {

namespace {

// How long the other processes may take to end after a crash or a failed start, without a
// stop_timeout.
constexpr base::duration patience = std::chrono::seconds(10);

// A stop that reaches the processes first (kill sent to a whole control group, a service manager)
// reaches aio well within this.
constexpr base::duration stop_follows = std::chrono::milliseconds(500);

/// The plan has checked the section.
service::supervisor_spec supervisor_of(const service::common_spec& unit, const config::tree& all) {
    const config::section* section =
        unit.supervisor.empty() ? nullptr : all.find("supervisor/" + unit.supervisor);
    base::diagnostics said_already;
    return section ? service::read_supervisor(*section, said_already)
                   : service::implicit_supervisor(unit);
}

} // namespace

process::process(std::shared_ptr<const spec> section, aio::service::runtime& app, async::loop& home)
    : unit(section->common), spec_(std::move(section)), app_(app), loop_(home),
      log_(app.log("aio")), label_(short_name()),
      comeback_(common().restart, supervisor_of(common(), app.config()), spec_->count),
      jitter_(static_cast<std::uint_fast32_t>(home.time().wall().time_since_epoch().count())),
      returning_(home, name(), [this](std::string_view, std::exception_ptr why) {
          app_.crashed(name(), std::move(why)); // nothing else waits for this task
      }) {
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
    if (!failed_)
        failed_ = std::move(why);
    if (!failed_)
        co_return;
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    stop_begun();
    co_await wait_stopped();
    throw_failed_start();
}

/// The end of a failed start: processes that run get their stop signal, unless cancel() was called.
void process::stop_begun() noexcept {
    const bool told = told_to_stop();
    if (phase_ == phase::killing) {
        kill_all();
    } else {
        phase_ = phase::stopping;
        stop_all(told ? common().stop_timeout : common().stop_timeout.value_or(patience));
    }
    if (!busy())
        idle();
}

void process::throw_failed_start() {
    const std::exception_ptr why = std::exchange(failed_, nullptr);
    const std::string said =
        fmt::format("Process({}) failed to start: {}", label_, base::message_of(why));
    try {
        std::rethrow_exception(why);
    } catch (const aio::service::restarts_used_up&) {
        throw aio::service::restarts_used_up(said);
    } catch (...) {
        throw std::runtime_error(said);
    }
}

task<void> process::start_all() {
    starting_ = true;
    phase_ = phase::running;
    failed_ = nullptr;
    comeback_.clear();
    idle_.reset();
    for (const auto& each : workers_) {
        co_await begin(*each);
        if (each != workers_.back()) // hundreds take seconds, and a stop comes in a turn
            co_await async::sleep({});
        if (told_to_stop())
            throw std::runtime_error("it was stopped meanwhile");
    }
}

task<void> process::begin(worker& next) {
    co_await next.start();
    ++started_;
    log_.info("Process({}) {} started with pid {}", next.label(), spec_->shown, next.pid());
}

void process::idle() noexcept {
    loop_.remove_timer(*this);
    idle_.set();
}

void process::begin_stop() noexcept {
    if (told_to_stop())
        return;
    phase_ = phase::stopping;
    stop_all(common().stop_timeout); // without one, the tree calls cancel() in time
}

void process::stop_all(std::optional<base::duration> then_kill_after) noexcept {
    for (const auto& each : workers_)
        each->stop();
    returning_.cancel();
    if (then_kill_after && busy())
        loop_.add_timer(*this, async::later(loop_.now(), *then_kill_after));
}

void process::kill_all() noexcept {
    phase_ = phase::killing;
    for (const auto& each : workers_)
        each->kill();
}

void process::fire() {
    phase_ = phase::killing;
    for (const auto& late : workers_) {
        if (!late->running())
            continue;
        const std::string said = late->text();
        if (late->kill())
            log_.warning("Process({}) {}: it is killed", late->label(), said);
    }
}

task<void> process::wait_stopped() {
    co_await idle_.wait("the end of a process");
}

void process::cancel() noexcept {
    kill_all();
    returning_.cancel();
    if (!starting_ && !busy())
        idle();
}

std::vector<std::string> process::unfinished() const {
    std::vector<std::string> all;
    for (const auto& each : workers_)
        if (each->running())
            all.push_back(each->text());
    return all;
}

std::vector<pid_t> process::pids() const {
    std::vector<pid_t> all;
    for (const auto& each : workers_)
        if (each->running())
            all.push_back(each->pid());
    return all;
}

std::vector<aio::service::statistic> process::statistics() const {
    return {
        {"running", static_cast<double>(pids().size())},
        {"started", static_cast<double>(started_)},
        {"failed", static_cast<double>(failures_)}
    };
}

void process::worker_ended(worker& ended, pid_t pid, const ending& how) {
    last_ = how;
    std::string said = fmt::format("pid {} {}", pid, describe(how));
    if (told_to_stop() || !ended_as_asked(how, spec_->stop_signal))
        return consider(ended, how.clean() ? result::success : result::failure, std::move(said));
    ++coming_;
    returning_.spawn("verdict", consider_later(ended, std::move(said)));
}

// It ended as if it had been told to stop. If the app is told to stop as well, that was meant.
task<void> process::consider_later(worker& ended, std::string said) {
    try {
        if (!app_.stopping())
            co_await async::sleep(stop_follows);
    } catch (...) { // cancelled by a stop, which consider() sees
    }
    --coming_;
    consider(ended, app_.stopping() ? result::success : result::failure, std::move(said));
}

void process::consider(worker& ended, result how, std::string said) {
    const bool well = how == result::success;
    fate next;
    if (!told_to_stop() && !(well && app_.stopping()))
        next = comeback_.on_end(ended.index(), how, loop_.now().time_since_epoch(), jitter_);
    failures_ += !well && !told_to_stop();
    note_end(ended, how, said, next);
    if (next.what == fate::kind::again) {
        ++coming_;
        returning_.spawn("restart", bring_back(ended, next.after));
    } else if (next.what == fate::kind::crash) {
        const bool used_up = comeback_.alone();
        if (used_up)
            said = fmt::format("{}: Max restarts exceeded ({}): {}", ended.label(), limit(), said);
        report_end(
            used_up ? std::make_exception_ptr(aio::service::restarts_used_up(said))
                    : std::make_exception_ptr(std::runtime_error(said))
        );
    } else if (!busy()) {
        report_end(nullptr);
    }
}

// Also when it was cancelled: the child may have been made meanwhile.
task<void> process::bring_back(worker& again, base::duration after) {
    std::exception_ptr why;
    try {
        co_await async::sleep(after);
        co_await begin(again);
    } catch (...) {
        why = std::current_exception();
    }
    --coming_;
    if (!told_to_stop()) {
        if (why)
            consider(again, result::failure, base::message_of(why));
    } else if (again.running() && phase_ == phase::killing) {
        again.kill();
    } else if (again.running()) {
        again.stop();
    } else if (!starting_ && !busy()) {
        idle();
    }
}

void process::note_end(const worker& ended, result how, const std::string& said, const fate& next) {
    const bool again = next.what == fate::kind::again;
    const bool expected = (how == result::success || told_to_stop()) && !again;
    log_.log(
        expected ? log::level::info : log::level::warning,
        "Process({}) {}{}",
        ended.label(),
        said,
        again ? fmt::format(
                    "; it starts again in {} ({} of {})",
                    base::format(std::chrono::ceil<std::chrono::milliseconds>(next.after)),
                    next.count,
                    limit()
                )
              : ""
    );
}

// The app may start this unit again before crashed() or ended() returns.
void process::report_end(const std::exception_ptr& failed) {
    if (starting_) {
        if (!failed_)
            failed_ = failed;
        return;
    }
    const bool told = told_to_stop();
    if (failed && !told)
        phase_ = phase::stopping;
    if (failed)
        stop_all(common().stop_timeout.value_or(patience));
    if (!busy())
        idle();
    if (failed)
        app_.crashed(name(), failed);
    else if (!told)
        app_.ended(name());
}

// "5 within 10s"
std::string process::limit() const {
    const aio::service::supervisor_spec& by = comeback_.by();
    return fmt::format("{} within {}", by.max_restarts, base::format(by.over));
}

bool process::busy() const noexcept {
    return coming_ > 0 ||
           std::ranges::any_of(workers_, [](const auto& each) { return each->running(); });
}

} // namespace aio::process
