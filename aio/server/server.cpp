#include <aio/async/aborted.hpp>
#include <aio/base/exception.hpp>
#include <aio/server/bound.hpp>
#include <aio/server/builder_state.hpp>
#include <aio/server/server.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace aio::server {

namespace {

/// The plan has already warned about surplus loops.
std::vector<async::loop*>
loops_of(std::size_t count, const aio::service::runtime& app, async::loop& home) {
    if (count == 1)
        return {&home};
    std::vector<async::loop*> all = app.loops();
    if (count != 0)
        all.resize(std::min(count, all.size()));
    return all;
}

} // namespace

server::server(
    std::shared_ptr<const plan_of_server> plan, aio::service::runtime& app, async::loop& home
)
    : unit(plan->spec.common), plan_(std::move(plan)), app_(app), loop_(home), log_(app.log("aio")),
      label_(short_name()), state_(std::make_shared<builder::state>()),
      watching_(home, name(), [this](std::string_view, std::exception_ptr why) {
          log_.error(
              "Server({}) looks at its files of TLS no more: {}", label_, base::message_of(why)
          );
      }) {
    state_->plan = plan_;
    state_->home = &loop_;
    state_->log = &log_;
}

server::~server() = default;

const std::string& server::what() const noexcept {
    return plan_->build ? plan_->spec.factory : plan_->spec.protocol;
}

std::string server::failure(const std::exception_ptr& why) const {
    return fmt::format("Server({}) failed to start: {}", label_, base::message_of(why));
}

// A failure names the server.
void server::prepare() {
    try {
        take(bind_now(app_, loop_, log_, to_bind()));
    } catch (...) {
        throw std::runtime_error(failure(std::current_exception()));
    }
}

bind_order server::to_bind() {
    state_->loops = loops_of(plan_->spec.loops, app_, loop_);
    bind_order order{plan_->spec.where, plan_->spec.tls, fmt::format("Server({})", label_)};
    order.where.loops = state_->loops.size();
    if (state_->port != 0)
        order.where.port = state_->port; // a restart keeps the port that was picked
    return order;
}

/// There are no sockets when they were not prepared, and after a stop that was no restart. Over a
/// restart they are kept, and so is the certificate when only the sockets are bound anew.
task<void> server::bind_if_needed() {
    const std::optional<std::string> lost = state_->sockets.drop_lost();
    if (!state_->sockets.empty())
        co_return;
    bind_order order = to_bind();
    if (lost) {
        log_.warning("Server({}) binds '{}' anew: the file of its socket is gone", label_, *lost);
        order.tls.reset();
    }
    take(co_await bind_aside(app_, loop_, log_, std::move(order)));
}

void server::take(bound made) {
    if (made.tls)
        state_->tls = std::make_shared<watched_tls>(
            *plan_->spec.tls, std::move(made.tls), std::move(made.tls_files)
        );
    state_->sockets.keep(std::move(made.endpoints));
    bound_by_ = ::geteuid();
    state_->port = state_->sockets.bound().front().at.port();
}

std::vector<std::string> server::give_to(uid_t user, gid_t group) {
    std::vector<std::string> wrong;
    for (const net::endpoint& each : state_->sockets.bound())
        if (each.file)
            if (const std::error_code failed = each.file->give_to(user, group))
                wrong.push_back(
                    fmt::format("cannot give '{}' away: {}", each.name, failed.message())
                );
    return wrong;
}

task<void> server::start() {
    state_->taken = false;
    counted_.follow(nullptr);
    running_.reset();
    const auto data = std::make_shared<const aio::service::context_data>(
        label_, name(), plan_->spec.options, app_, app_.log(plan_->module)
    );
    std::exception_ptr why;
    try {
        co_await bind_if_needed();
        builder made(context(data), state_);
        if (plan_->build)
            running_ = co_await plan_->build(made);
        else
            running_ = made.serve(*plan_->protocol);
        if (!running_)
            throw std::runtime_error("the factory made no server");
        counted_.follow(running_.get());
        co_await running_->start();
    } catch (...) {
        why = std::current_exception();
    }
    if (why) {
        if (running_)
            running_->cancel();
        if (async::is_aborted(why))
            std::rethrow_exception(why);
        throw std::runtime_error(failure(why));
    }
    for (const std::string& endpoint : running_->endpoints())
        log_.info("Server({}) {} started on {}", label_, what(), endpoint);
    if (const auto every = plan_->spec.tls_watch; state_->tls && every)
        watching_.spawn(
            "the watch of its TLS files",
            watch_tls(app_, loop_, log_, state_->tls, *every, fmt::format("Server({})", label_))
        );
}

// The sockets stay bound: clients wait in the backlog until the server accepts again.
void server::expect_restart() noexcept {
    keep_ = true;
}

void server::end_intake() noexcept {
    unbind();
    if (running_)
        running_->end_intake();
}

// Unlink socket files first, so that new clients fail at once.
void server::begin_stop() noexcept {
    watching_.cancel();
    if (!std::exchange(keep_, false))
        end_intake();
    if (running_)
        running_->begin_stop();
}

void server::unbind() noexcept {
    for (const net::endpoint& each : state_->sockets.bound())
        if (each.file)
            if (const std::error_code failed = each.file->remove()) {
                // The file is in a folder of root, and `[aio] user` has no right there by design.
                const bool expected =
                    ::geteuid() != bound_by_ && (failed == std::errc::permission_denied ||
                                                 failed == std::errc::operation_not_permitted);
                log_.log(
                    expected ? log::level::info : log::level::warning,
                    "Server({}) cannot remove '{}': {}",
                    label_,
                    each.name,
                    failed.message()
                );
            }
    state_->sockets.close();
}

task<void> server::wait_stopped() {
    if (running_)
        co_await running_->wait_stopped();
    co_await watching_.join();
}

void server::cancel() noexcept {
    watching_.cancel();
    if (running_)
        running_->cancel();
}

std::vector<aio::service::statistic> server::statistics() const {
    return counted_.statistics();
}

std::vector<std::string> server::unfinished() const {
    return running_ ? running_->unfinished() : std::vector<std::string>{};
}

std::vector<std::string> server::endpoints() const {
    if (running_)
        return running_->endpoints();
    std::vector<std::string> all;
    for (const net::endpoint& each : state_->sockets.bound())
        all.push_back(each.name);
    return all;
}

} // namespace aio::server
