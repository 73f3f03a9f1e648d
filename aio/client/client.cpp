#include <aio/async/virtual_clock.hpp>
#include <aio/base/exception.hpp>
#include <aio/client/client.hpp>
#include <aio/client/link.hpp>
#include <aio/client/session.hpp>
#include <aio/client/shared.hpp>
#include <aio/signal/bus.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace aio::client {

namespace {

std::minstd_rand chance_of(async::loop& home) {
    if (auto* simulated = home.simulation())
        return std::minstd_rand(static_cast<std::uint_fast32_t>(simulated->random()));
    return std::minstd_rand(std::random_device{}());
}

} // namespace

shared::shared(
    std::shared_ptr<const plan_of_client> plan_, service::runtime& app_, async::loop& home_
)
    : plan(std::move(plan_)), app(app_), home(home_), log(app_.log("aio")),
      label(plan->spec.common.short_name()), section(plan->spec.common.section),
      point(std::make_shared<dialing_point>(plan)), counted(point->counted),
      chance(chance_of(home_)),
      dials(
          home_,
          section,
          [this](std::string_view, std::exception_ptr why) { crash(std::move(why)); }
      ),
      connections(home_, section, [this](std::string_view, std::exception_ptr why) {
          crash(std::move(why));
      }) {
    all_closed.set();
}

void shared::remove(session& member) noexcept {
    sessions.erase(&member);
    if (sessions.empty())
        all_closed.set();
}

void shared::mistaken(std::exception_ptr why) noexcept {
    if (!std::exchange(was_mistaken, true))
        crash(std::move(why));
}

void shared::emit(const char* signal) {
    if (app.signals().listeners(signal) != 0)
        app.signals().post(signal, std::string(section));
}

client::client(
    std::shared_ptr<const plan_of_client> plan, aio::service::runtime& app, async::loop& home
)
    : unit(plan->spec.common), all_(std::make_unique<shared>(std::move(plan), app, home)) {
    all_->connected = [this] { ready_.set(); };
    all_->ended = [this] { ended(); };
    all_->crash = [this](std::exception_ptr why) { crashed(std::move(why)); };
    if (all_->plan->protocol)
        for (std::size_t i = 0; i < all_->spec().connections; ++i)
            links_.push_back(std::make_unique<link>(*all_, i));
    app.directory().add(name(), all_->point);
}

client::~client() {
    all_->app.directory().remove(name());
}

task<void> client::start() {
    all_->now = shared::phase::running;
    all_->was_connected = all_->was_mistaken = false;
    all_->point->stopped = false;
    if (!all_->spec().verified)
        all_->log.warning("Client({}) does not verify its server: tls_verify = no", all_->label);
    all_->given.emplace(std::make_shared<const aio::service::context_data>(
        all_->label, name(), all_->spec().options, all_->app, all_->app.log(all_->plan->module)
    ));
    ready_.reset();
    failed_ = nullptr;
    starting_ = true;
    for (const auto& each : links_)
        each->start();
    std::exception_ptr why;
    try {
        if (all_->spec().wait_connected && !links_.empty())
            co_await ready_.wait("its first connection");
    } catch (...) {
        why = std::current_exception();
    }
    starting_ = false;
    if (why)
        std::rethrow_exception(why);
    if (failed_)
        throw std::runtime_error(
            fmt::format("Client({}) failed to start: {}", all_->label, base::message_of(failed_))
        );
}

void client::crashed(std::exception_ptr why) {
    if (!starting_)
        return all_->app.crashed(name(), std::move(why));
    if (!failed_)
        failed_ = std::move(why);
    ready_.set();
}

// Sockets for datagrams are not made again.
void client::ended() {
    const bool all = std::ranges::all_of(links_, [](const auto& each) {
        return each->view().state == link_state::stopped;
    });
    if (all && all_->now == shared::phase::running)
        all_->app.ended(name());
}

void client::end_intake() noexcept {
    if (all_->now < shared::phase::intake_ended)
        all_->now = shared::phase::intake_ended;
    all_->dials.cancel();
    for (const auto& each : links_)
        each->stopped();
}

void client::begin_stop() noexcept {
    if (all_->now >= shared::phase::stopping)
        return;
    end_intake();
    all_->now = shared::phase::stopping;
    all_->point->stopped = true;
    const std::vector<session*> open(all_->sessions.begin(), all_->sessions.end());
    for (session* each : open)
        each->tell();
}

task<void> client::wait_stopped() {
    co_await all_->dials.join();
    co_await all_->connections.join();
    if (!all_->sessions.empty())
        co_await all_->all_closed.wait("the end of its connections");
}

void client::cancel() noexcept {
    end_intake();
    all_->now = shared::phase::cancelled;
    all_->point->stopped = true;
    all_->connections.cancel();
    const std::vector<session*> open(all_->sessions.begin(), all_->sessions.end());
    for (session* each : open)
        if (all_->sessions.contains(each))
            each->cancel();
}

std::vector<std::string> client::unfinished() const {
    std::vector<std::string> all;
    for (const async::task_group* group : {&all_->dials, &all_->connections})
        for (const async::task_info& each : group->unfinished())
            all.push_back(fmt::format(
                "{} awaits {} for {:.1f} s",
                each.name,
                each.awaits,
                std::chrono::duration<double>(each.lasts).count()
            ));
    for (const session* each : all_->sessions)
        if (std::string text = each->unfinished(); !text.empty())
            all.push_back(std::move(text));
    return all;
}

std::vector<aio::service::statistic> client::statistics() const {
    return all_->counted.statistics();
}

std::string client::condition() const {
    std::vector<link_view> seen;
    for (const auto& each : links_)
        seen.push_back(each->view());
    return state() == aio::service::state::running || state() == aio::service::state::starting
               ? describe(seen)
               : std::string();
}

bool client::acts_by_itself() const {
    return !links_.empty();
}

} // namespace aio::client
