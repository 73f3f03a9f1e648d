#include <aio/async/hop.hpp>
#include <aio/base/units.hpp>
#include <aio/process/environment.hpp>
#include <aio/process/readable.hpp>
#include <aio/process/worker.hpp>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>

namespace aio::process {

namespace {

// Only where the kernel has no pidfd.
constexpr auto look_every = std::chrono::milliseconds(50);

std::string label_of(const spec& of, std::size_t index) {
    const std::string name(of.common.short_name());
    return of.count == 1 ? name : fmt::format("{}[{}]", name, index);
}

std::string logger_of(const spec& of) {
    return fmt::format("process.{}", of.common.short_name());
}

} // namespace

worker::worker(
    const spec& of, std::size_t index, owner& to, aio::service::runtime& app, async::loop& at
)
    : of_(of), index_(index), owner_(to), app_(app), loop_(at), lines_(app.log(logger_of(of))),
      label_(label_of(of, index)) {}

worker::~worker() {
    unwatch();
}

launch_request worker::request() const {
    launch_request what;
    what.arguments = of_.arguments;
    what.environment = environment_of(of_, index_);
    if (of_.as) {
        what.as.emplace();
        what.as->user = of_.as->user;
        what.as->group = of_.as->group;
        what.as->groups = base::groups_of(*of_.as);
    }
    what.directory = of_.directory;
    what.open_files = app_.open_files_before();
    const std::string& name = of_.arguments.front();
    what.program = find_program(name, value_of(what.environment, "PATH"), of_.directory);
    if (what.program.empty()) // it was there when it was planned; the system says what is wrong
        what.program = name;
    return what;
}

// On the main loop, whose thread lives as long as the process: see launch().
task<void> worker::start() {
    told_.reset();
    killed_ = false;
    child_ = co_await async::on(app_.main_loop(), [what = request(), whom = of_.stop_whom] {
        return child(what, whom);
    });
    try {
        watch();
    } catch (...) {
        unwatch();
        child_ = {};
        throw;
    }
}

void worker::watch() {
    output_ = log_lines(child_.take_output(), log::level::info, "stdout");
    errors_ = log_lines(child_.take_errors(), log::level::warning, "stderr");
    if (child_.end_descriptor() >= 0)
        net::poller::of(loop_).add(child_.end_descriptor(), *this, EPOLLIN);
    else
        loop_.add_timer(*this, async::later(loop_.now(), look_every));
}

std::unique_ptr<output>
worker::log_lines(base::descriptor pipe, log::level at, const char* stream) {
    const std::string which = of_.count == 1 ? "" : fmt::format("[{}] ", index_);
    return std::make_unique<output>(
        loop_,
        std::move(pipe),
        [this,
         at,
         start = fmt::format("{}{}", which, stream)](std::string_view line, std::uint64_t cut) {
            std::string made;
            const std::string_view shown = readable(line, made);
            if (cut == 0)
                lines_.log(at, "{}: {}", start, shown);
            else
                lines_.log(at, "{}: {} [cut here, {} bytes more]", start, shown, cut);
        }
    );
}

void worker::stop() noexcept {
    if (!running() || told_)
        return;
    told_ = loop_.now();
    child_.send(of_.stop_signal);
    child_.send(SIGCONT);
}

void worker::kill() noexcept {
    killed_ = true;
    child_.send(SIGKILL);
}

void worker::ready(std::uint32_t) {
    look();
}

void worker::fire() {
    loop_.add_timer(*this, async::later(loop_.now(), look_every));
    look();
}

void worker::look() {
    const pid_t pid = child_.pid();
    const auto how = child_.ended();
    if (!how)
        return;
    unwatch();
    child_.forget();
    output_->finish();
    errors_->finish();
    owner_.worker_ended(*this, pid, *how);
}

void worker::unwatch() noexcept {
    loop_.remove_timer(*this);
    if (child_.end_descriptor() >= 0)
        net::poller::of(loop_).remove(child_.end_descriptor());
}

std::string worker::text() const {
    std::string what = fmt::format("pid {} ({})", child_.pid(), of_.shown);
    if (!told_ && !killed_)
        return what + " runs";
    what += fmt::format(" was sent {}", signal_name(killed_ ? SIGKILL : of_.stop_signal));
    if (told_)
        what += fmt::format(
            ", told to stop {} ago",
            base::format(std::chrono::floor<std::chrono::milliseconds>(loop_.time().now() - *told_))
        );
    return what;
}

} // namespace aio::process
