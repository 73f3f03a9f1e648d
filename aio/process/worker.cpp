#include <aio/async/hop.hpp>
#include <aio/base/error_words.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/units.hpp>
#include <aio/base/visible.hpp>
#include <aio/process/environment.hpp>
#include <aio/process/worker.hpp>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ratio>
#include <system_error>
#include <utility>

namespace aio::process {

namespace {

// Only where the kernel has no pidfd.
using look_for_end_period = std::chrono::duration<std::int64_t, std::ratio<1, 20>>;

// A pidfd does not report a process that was stopped by SIGSTOP.
using look_for_hold_period = std::chrono::duration<std::int64_t, std::ratio<10>>;

/// All workers look in the same turns of their loop, which wakes up once for them.
template <typename Period>
async::time_point next_look(async::time_point now) {
    return async::time_point{std::chrono::floor<Period>(now.time_since_epoch()) + Period{1}};
}

void warn_of_no_guard(aio::service::runtime& app, std::string_view why) {
    app.log("aio").warning(
        "There is no guard for processes until another one starts ({}): if aio is killed, what "
        "they "
        "have started lives on",
        why
    );
}

std::shared_ptr<guard> guard_of(aio::service::runtime& app) {
    const auto lost = [&app](bool lasting) {
        if (!lasting)
            return warn_of_no_guard(app, "it was ended twice");
        app.log("aio").warning("The guard for processes was ended, it is started again");
        guard_of(app);
    };
    try {
        return guard::of(app.main_loop(), lost);
    } catch (const std::system_error& e) {
        if (guard::new_failure(app.main_loop()))
            warn_of_no_guard(app, base::words_of(e));
        return nullptr;
    }
}

/// On the main loop.
void warn_of_proc(aio::service::runtime& app) {
    const std::string fault = group_members::of(app.main_loop()).new_fault();
    if (!fault.empty())
        app.log("aio").warning(
            "{}: in a stop, the rest of a process group is killed as soon as its first process has "
            "ended",
            fault
        );
}

std::string label_of(const spec& section, std::size_t index) {
    const std::string name(section.common.short_name());
    return section.count == 1 ? name : fmt::format("{}[{}]", name, index);
}

std::string logger_of(const spec& section) {
    return fmt::format("process.{}", section.common.short_name());
}

} // namespace

worker::worker(
    const spec& section,
    std::size_t index,
    owner& told,
    aio::service::runtime& app,
    async::loop& home
)
    : spec_(section), index_(index), owner_(told), app_(app), loop_(home),
      rest_(group_members::of(home)), lines_(app.log(logger_of(section))),
      label_(label_of(section, index)) {}

worker::~worker() {
    unwatch();
}

launch_request worker::request() const {
    launch_request request;
    request.arguments = spec_.arguments;
    request.environment = environment_of(spec_, index_);
    if (spec_.as) {
        request.as.emplace();
        request.as->user = spec_.as->user;
        request.as->group = spec_.as->group;
        request.as->groups = spec_.groups;
    }
    request.directory = spec_.directory;
    request.open_files = app_.open_files_before();
    const std::string& name = spec_.arguments.front();
    request.program = find_program(name, value_of(request.environment, "PATH"), spec_.directory);
    if (request.program.empty()) // it existed when it was planned; launch() reports the error
        request.program = name;
    return request;
}

// On the main loop, whose thread ends last: see launch().
task<void> worker::start() {
    told_.reset();
    sent_.reset();
    held_by_.reset();
    phase_ = phase::runs;
    refused_ = 0;
    rest_.clear();
    child_ = co_await async::on(
        app_.main_loop(),
        [what = request(), reach = spec_.signalled, &app = app_] {
            if (reach == reach::group)
                warn_of_proc(app);
            return child(what, reach, reach == reach::group ? guard_of(app) : nullptr);
        }
    );
    try {
        watch();
    } catch (...) {
        unwatch();
        end_counted_.release();
        child_ = {};
        throw;
    }
}

// A pidfd, because SIGCHLD would also report the children of modules.
void worker::watch() {
    output_ = log_lines(child_.take_output(), log::level::info, "stdout");
    errors_ = log_lines(child_.take_errors(), log::level::warning, "stderr");
    if (child_.end_descriptor() >= 0) {
        end_counted_ = app_.descriptors().hold(1);
        net::poller& loop_poller = net::poller::of(loop_);
        // An edge: until the process is waited for, the end would be reported again and again.
        loop_poller.add(child_.end_descriptor(), *this, EPOLLIN | EPOLLET);
        watched_by_ = &loop_poller;
    }
    look_later();
}

void worker::look_later() {
    const async::time_point now = loop_.now();
    loop_.add_timer(
        *this,
        phase_ != phase::runs          ? group_members::next_look(now)
        : child_.end_descriptor() >= 0 ? next_look<look_for_hold_period>(now)
                                       : next_look<look_for_end_period>(now)
    );
}

std::unique_ptr<output>
worker::log_lines(base::descriptor pipe, log::level level, const char* stream) {
    const std::string which = spec_.count == 1 ? "" : fmt::format("[{}] ", index_);
    return std::make_unique<output>(
        loop_,
        std::move(pipe),
        [this,
         level,
         start = fmt::format("{}{}", which, stream)](std::string_view line, std::uint64_t cut) {
            const std::string shown = base::visible(line, base::layout::log);
            if (cut == 0)
                lines_.log(level, "{}: {}", start, shown);
            else
                lines_.log(level, "{}: {} [cut here, {} bytes more]", start, shown, cut);
        },
        app_.descriptors().hold(1)
    );
}

void worker::stop() noexcept {
    if (!running() || told_)
        return;
    told_ = loop_.now();
    send(spec_.stop_signal);
    child_.send(SIGCONT); // fails when the other signal failed, or when the process has ended
}

bool worker::kill() noexcept {
    const bool sent = send(SIGKILL) && !rest_.all_unreachable();
    if (phase_ != phase::runs) // nothing reports the end of its group
        loop_.add_timer(*this, loop_.now());
    return sent;
}

bool worker::send(int signal) noexcept {
    if (!running())
        return true;
    sent_ = signal;
    const int failed = child_.send(signal);
    refused_ = child_.is_over() ? 0 : failed; // one that has ended needs no signal
    if (refused_ != 0)
        app_.log("aio").warning(
            "Process({}) pid {} cannot be signalled ({}): {}",
            label_,
            pid(),
            signal_name(signal),
            std::strerror(refused_)
        );
    return refused_ == 0;
}

// While a debugger follows it, a process may have ended long before it can be waited for.
void worker::ready(std::uint32_t) {
    if (look() || phase_ != phase::runs)
        return;
    phase_ = phase::leaving;
    look_later();
}

void worker::fire() {
    look_later(); // first: look() may end the watch
    look();
    if (running() && phase_ == phase::runs)
        look_for_hold();
}

void worker::look_for_hold() {
    const auto holder = child_.held_by();
    if (holder == held_by_ || (!holder && !child_.continued())) // it may be about to end
        return;
    held_by_ = holder;
    if (holder)
        app_.log("aio").warning(
            "Process({}) pid {} is stopped by {}; SIGCONT resumes it",
            label_,
            pid(),
            signal_name(*holder)
        );
    else
        app_.log("aio").info("Process({}) pid {} goes on", label_, pid());
}

/// In a stop the rest of a group has as much time as the process itself. Once it was killed, only
/// what cannot be signalled is waited for.
bool worker::waits_for_group() {
    if (!told_ || spec_.signalled != reach::group || !child_.is_over())
        return false;
    const std::optional<bool> lives = rest_.lives(child_.pid(), loop_.now());
    if (lives == false || (lives && sent_ == SIGKILL && !rest_.some_unreachable()))
        return false;
    if (phase_ < phase::over) {
        phase_ = phase::over;
        unwatch(); // its end is known
        look_later();
    }
    if (lives && phase_ != phase::outlived)
        tell_outlived();
    tell_unreachable();
    return true;
}

void worker::tell_unreachable() {
    for (const member& each : rest_.new_unreachable())
        app_.log("aio").warning(
            "Process({}) {} of the group of pid {} cannot be signalled: {}",
            label_,
            each.text(),
            child_.pid(),
            base::system_reason(EPERM)
        );
}

void worker::tell_left_behind(pid_t group) {
    if (const std::string left = rest_.left_behind(group, loop_.now()); !left.empty())
        app_.log("aio").warning(
            "Process({}) pid {} leaves {} of its group behind: cannot be signalled: {}",
            label_,
            group,
            left,
            base::system_reason(EPERM)
        );
}

void worker::tell_outlived() {
    phase_ = phase::outlived;
    app_.log("aio").info(
        "Process({}) pid {} has ended, other processes of its group have not", label_, child_.pid()
    );
}

bool worker::look() {
    if (waits_for_group())
        return false;
    const pid_t pid = child_.pid();
    const auto how = child_.ended();
    if (!how)
        return false;
    unwatch();
    end_counted_.release();
    child_.forget();
    if (spec_.signalled == reach::group)
        tell_left_behind(pid);
    output_->finish();
    errors_->finish();
    owner_.worker_ended(*this, pid, *how);
    return true;
}

void worker::unwatch() noexcept {
    loop_.remove_timer(*this);
    if (net::poller* const loop_poller = std::exchange(watched_by_, nullptr))
        loop_poller->remove(child_.end_descriptor());
}

std::string worker::text() const {
    const std::string leader = fmt::format("pid {} ({})", child_.pid(), spec_.shown);
    const std::string text = phase_ == phase::outlived ? rest_.text(leader) : leader;
    const auto amount = child_.held_by();
    const std::string held =
        amount ? fmt::format(", is stopped by {}", signal_name(*amount)) : std::string{};
    if (!sent_)
        return text + (amount ? held.substr(1) : " runs");
    const int refused = rest_.all_unreachable() ? EPERM : refused_;
    const std::string sent = refused != 0
                                 ? fmt::format(" cannot be signalled: {}", std::strerror(refused))
                                 : fmt::format(" was sent {}", signal_name(*sent_));
    const std::string told =
        told_ ? fmt::format(
                    ", told to stop {} ago",
                    base::format(
                        std::chrono::floor<std::chrono::milliseconds>(loop_.time().now() - *told_)
                    )
                )
              : std::string{};
    return text + sent + told + held;
}

} // namespace aio::process
