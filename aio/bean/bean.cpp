#include <aio/base/exception.hpp>
#include <aio/base/mistake.hpp>
#include <aio/base/take_out.hpp>
#include <aio/bean/bean.hpp>
#include <aio/bean/settle.hpp>
#include <aio/log/logger.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aio::bean {

namespace {

/// The signal that the app was stopped by; app/process.cpp sets it.
std::string stop_signal(service::runtime& app) {
    return app.values().find<std::string>("aio.stop_signal").value_or("SIGTERM");
}

/// An error of a plain function comes out of the task, as that of a coroutine does.
task<void> call(context::handler handler, signal sent) {
    co_await handler(std::move(sent));
}

} // namespace

bean::bean(std::shared_ptr<const job> checked, service::runtime& app, async::loop& home)
    : unit(checked->common), job_(std::move(checked)), app_(app), loop_(home), log_(app.log("aio")),
      pod_(pod::of(app)), id_(id_of(app, name())),
      data_(std::make_shared<const service::context_data>(
          std::string(short_name()), name(), job_->options, app, app.log(job_->module)
      )) {
    pod_->add(*this);
}

bean::~bean() {
    pod_->remove(*this);
    forget_handlers();
}

void bean::forget_handlers() noexcept {
    const auto handlers = std::exchange(handlers_, {});
    const auto hooks = std::exchange(hooks_, {});
}

task<void> bean::start() {
    group_.emplace(loop_, name(), [this](std::string_view, std::exception_ptr why) {
        failed(why);
    });
    forget_handlers();
    kept_.open();
    ended_.reset();
    intake_ended_ = stopping_ = cancelled_ = false;
    running_ = true;
    log_.info("Bean({}) {} started with id {}", data_->name, job_->what, id_);
    group_->spawn(job_->what, run());
    co_return;
}

task<void> bean::run() {
    std::exception_ptr why;
    try {
        co_await job_->core(context(data_, *this));
    } catch (...) {
        why = std::current_exception();
    }
    running_ = false;
    ended_.set();
    if (why)
        std::rethrow_exception(why);
    log_.info("Bean({}) ended", data_->name);
    app_.ended(name());
}

void bean::failed(const std::exception_ptr& why) {
    log_.error("Bean({}) {} failed: {}", data_->name, job_->what, base::message_of(why));
    app_.crashed(name(), why);
}

void bean::expect_restart() noexcept {
    restart_follows_ = true;
}

void bean::end_intake() noexcept {
    kept_.close();
    tell_end_of_intake();
}

void bean::tell_end_of_intake() noexcept {
    if (!group_ || std::exchange(intake_ended_, true))
        return;
    call_hooks(stop_moment::end_of_intake);
}

// A bean that has ended or failed learns only now whether it starts again.
void bean::begin_stop() noexcept {
    if (!std::exchange(restart_follows_, false))
        kept_.close();
    if (stopping_ || !group_)
        return;
    tell_end_of_intake();
    stopping_ = true;
    const signal received(stop_signal(app_), 0, {});
    const bool heard = std::ranges::any_of(handlers_, [&](const listening& each) {
        return each.name == received.name();
    });
    if (!running_ || !heard) {
        group_->cancel();
        return;
    }
    group_->spawn(received.name(), stop_by(received));
}

task<void> bean::stop_by(signal received) {
    std::exception_ptr why;
    try {
        co_await call_handlers(received, why);
    } catch (...) {
        if (cancelled_)
            app_.cut_off(name(), "its handler of " + received.name());
        throw;
    }
    if (!why)
        co_return;
    group_->cancel();
    std::rethrow_exception(why);
}

task<void> bean::wait_stopped() {
    if (group_)
        co_await group_->join();
}

void bean::cancel() noexcept {
    if (!std::exchange(cancelled_, true))
        call_hooks(stop_moment::cancellation);
    if (group_)
        group_->cancel();
}

std::vector<std::string> bean::unfinished() const {
    std::vector<std::string> all;
    if (group_)
        for (const async::task_info& each : group_->unfinished())
            all.push_back(each.text());
    return all;
}

std::uint64_t bean::add_handler(std::string name, context::handler call) {
    handlers_.push_back({++numbers_, std::move(name), std::move(call)});
    return numbers_;
}

std::uint64_t bean::at(stop_moment moment, std::function<void()> call) {
    if (is_past(moment))
        call();
    hooks_.push_back({++numbers_, moment, std::move(call)});
    return numbers_;
}

bool bean::is_past(stop_moment moment) const noexcept {
    return moment == stop_moment::cancellation ? cancelled_ : intake_ended_;
}

// A hook may add and remove hooks. One that is added now is called by at().
void bean::call_hooks(stop_moment moment) {
    const std::uint64_t last = numbers_;
    for (std::uint64_t called = 0; called < last;) {
        const auto next = std::ranges::upper_bound(hooks_, called, {}, &hook::number);
        if (next == hooks_.end())
            return;
        called = next->number;
        if (next->moment != moment || called > last)
            continue;
        const auto call = next->call;
        call();
    }
}

bool bean::remove_handler(std::uint64_t number) noexcept {
    const auto is_it = [&](const auto& each) { return each.number == number; };
    const auto taken_handler = base::take_out_first(handlers_, is_it);
    const auto taken_hook = base::take_out_first(hooks_, is_it);
    return taken_handler || taken_hook;
}

task<std::size_t> bean::deliver(signal sent) {
    std::exception_ptr logged;
    const std::size_t called = co_await call_handlers(std::move(sent), logged);
    if (base::is_mistake(logged))
        app_.crashed(name(), logged);
    co_return called;
}

task<std::size_t> bean::call_handlers(signal sent, std::exception_ptr& first_error) {
    if (!running_)
        co_return 0;
    std::vector<context::handler> called;
    for (const listening& each : handlers_)
        if (each.name == sent.name())
            called.push_back(each.call);
    async::task_group calls(loop_, name(), [&](std::string_view, std::exception_ptr why) {
        log_.error(
            "Bean({}) failed on signal {}: {}", data_->name, sent.name(), base::message_of(why)
        );
        if (!first_error || base::is_mistake(why))
            first_error = std::move(why);
    });
    co_await settle(calls, [&] {
        for (const context::handler& each : called)
            calls.spawn("signal " + sent.name(), call(each, sent));
    });
    co_return called.size();
}

bool bean::ends_for_good() const noexcept {
    return !stopping_ && common().restart != service::restart::always;
}

server::tally& bean::counted() {
    return counted_ ? *counted_ : counted_.emplace();
}

std::vector<std::string> bean::listens_for() const {
    std::vector<std::string> names;
    for (const listening& each : handlers_)
        names.push_back(each.name);
    return names;
}

std::vector<service::statistic> bean::statistics() const {
    return counted_ ? counted_->statistics() : std::vector<service::statistic>{};
}

task<void> bean::wait_ended() {
    return ended_.wait("the end of a bean");
}

} // namespace aio::bean
