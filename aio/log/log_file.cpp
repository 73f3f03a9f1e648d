#include <aio/base/file_rights.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/temporary_file.hpp>
#include <aio/base/text.hpp>
#include <aio/log/file_status.hpp>
#include <aio/log/log_file.hpp>
#include <aio/log/turn_lock.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <tuple>
#include <utility>

namespace aio::log {

namespace {

/// Other code writes to standard output and error as well. A log in the same file keeps the order
/// only if no lines are collected.
descriptor::mode mode_of(target_kind kind, int fd) noexcept {
    struct stat own{}, other{};
    if (kind != target_kind::file || ::fstat(fd, &own) != 0)
        return descriptor::mode::direct;
    for (const int standard : {STDOUT_FILENO, STDERR_FILENO})
        if (::fstat(standard, &other) == 0 && same_file(own, other))
            return descriptor::mode::direct;
    return descriptor::mode::collected;
}

} // namespace

log_file::log_file(std::string path, std::string directory, beginning how, output_services& with)
    : path_(std::move(path)), directory_(std::move(directory)), first_(how), with_(with),
      to_(base::descriptor(), descriptor::mode::direct, path_, with), outage_(with.lost) {
    try {
        target_ = find_target(path_, directory_);
        take(open(target_, how, path_));
    } catch (const nobody_reads& e) {
        kind_ = target_kind::pipe;
        access_ = access::none;
        outage_.begin(e.what(), target_.kind == target_kind::pipe ? "somebody does" : "it can");
    } catch (const std::system_error& e) {
        if (!may_pass(e.code().value()))
            throw;
        kind_ = target_.kind == target_kind::missing ? target_kind::file : target_.kind;
        access_ = access::none;
        outage_.begin(e.what());
    }
}

void log_file::append(std::string_view line, std::chrono::system_clock::time_point now) noexcept {
    if (access_ != access::by_path)
        try_again(now);
    if (access_ == access::none)
        return outage_.pass_on(line);
    if (kind_ == target_kind::file)
        return to_.append(line);
    const int error = to_.append_now(line);
    if (error == 0)
        return;
    const bool is_gone =
        kind_ == target_kind::descriptor ? has_no_reader(to_.fd()) : reader_is_gone(error);
    if (!is_gone)
        return with_.lost.lost(path_, error, 1);
    leave_reader(error, now);
    outage_.pass_on(line);
}

/// What was opened is closed, so that it is opened anew when it is back.
void log_file::leave(std::string_view reason) noexcept {
    to_.flush();
    turn_lock::release(to_.fd());
    to_.replace(base::descriptor(), descriptor::mode::direct);
    access_ = access::none;
    outage_.begin(reason);
}

void log_file::leave_reader(int error, std::chrono::system_clock::time_point now) noexcept {
    pause_.begin(now);
    try {
        leave(fmt::format("cannot write to '{}': {}", path_, base::system_reason(error)));
    } catch (const std::exception& e) {
        leave(e.what());
    }
}

/// The path leads to nothing that can be opened. What nobody can reach by a name is left.
void log_file::lose_path(const std::string& reason) noexcept {
    if (access_ == access::none)
        return;
    try {
        if (status().st_nlink == 0) {
            last_ = base::rights_of(to_.fd());
            left_ = status();
            std::string unwritten = to_.take_unwritten();
            leave(reason);
            if (unwritten.empty())
                return;
            if (unwritten.ends_with('\n'))
                unwritten.pop_back();
            for (const std::string_view line : base::lines(unwritten))
                outage_.pass_on(line);
        } else if (std::exchange(access_, access::old_file) == access::by_path) {
            with_.lost.announce(fmt::format(
                "warning: the log {}; its records go to the file that was open before until it can",
                reason
            ));
        }
    } catch (const std::exception& e) {
        with_.lost.say(e.what());
    }
}

void log_file::try_again(std::chrono::system_clock::time_point now) noexcept {
    const bool nameless = access_ == access::old_file && status().st_nlink == 0;
    if (pause_.waits(now) && !nameless)
        return;
    pause_.attempt(now);
    if (const std::string reason = open_again(); !reason.empty())
        lose_path(reason);
}

void log_file::lead_standard_output(int fresh) const noexcept {
    if (!with_.leads_standard_output.load(std::memory_order_relaxed))
        return;
    const struct stat before = access_ == access::none ? left_ : status();
    struct stat now{};
    for (const int standard : {STDOUT_FILENO, STDERR_FILENO})
        if (::fstat(standard, &now) == 0 && same_file(now, before))
            ::dup2(fresh, standard);
}

std::shared_ptr<shared_file> log_file::state_of(const open_target& opened) const noexcept {
    struct stat now{};
    const int fd = opened.file.get();
    if (::fstat(fd, &now) != 0 || !S_ISREG(now.st_mode))
        return nullptr;
    try {
        return with_.files.state_of(
            now, opened.kind == target_kind::file && ends_inside_line(target_.way, fd)
        );
    } catch (const std::exception& e) {
        with_.lost.say(e.what()); // no memory
        return nullptr;
    }
}

void log_file::flush() noexcept {
    follow();
    to_.flush();
}

void log_file::follow() noexcept {
    if (!to_.replaced_by_another() || access_ != access::by_path)
        return;
    try {
        if (target_.kind == target_kind::descriptor && target_.way.own_descriptor)
            follow_standard_output(*target_.way.own_descriptor);
        else if (regular() && !still_named())
            std::ignore = open_named(base::rights_of(to_.fd()));
    } catch (const std::exception& e) {
        lose_path(e.what());
    }
}

void log_file::follow_standard_output(int number) {
    struct stat now{};
    if ((number == STDOUT_FILENO || number == STDERR_FILENO) && ::fstat(number, &now) == 0 &&
        !same_file(now, status()))
        take(open(target_, beginning::keep, path_));
}

void log_file::take(open_target opened) noexcept {
    first_.reset();
    kind_ = opened.kind;
    created_ = opened.created;
    lead_standard_output(opened.file.get());
    turn_lock::release(to_.fd());
    const descriptor::mode how = mode_of(opened.kind, opened.file.get());
    auto state = state_of(opened);
    to_.replace(std::move(opened.file), how, std::move(state));
}

void log_file::standard_output_replaced() noexcept {
    if (regular())
        to_.change(mode_of(kind_, to_.fd()));
}

bool log_file::terminal() const noexcept {
    return ::isatty(to_.fd()) == 1;
}

struct stat log_file::status() const noexcept {
    struct stat now{};
    ::fstat(to_.fd(), &now);
    return now;
}

std::string log_file::open_again() {
    const bool file = kind_ == target_kind::file;
    try {
        target fresh = find_target(path_, directory_);
        if (access_ == access::by_path && !opened_anew(kind_, fresh.kind))
            return {};
        std::optional<base::file_rights> before;
        if (file && access_ != access::none)
            before = base::rights_of(to_.fd());
        else if (file)
            before = last_;
        open_target opened =
            first_ ? open(fresh, *first_, path_) : open_replacement(fresh, path_, before);
        to_.flush();
        target_ = std::move(fresh);
        take(std::move(opened));
        pause_.end();
        outage_.end(fmt::format("'{}'", path_));
        if (std::exchange(access_, access::by_path) == access::old_file)
            with_.lost.announce(fmt::format("the log reaches '{}' again", path_));
        return {};
    } catch (const std::exception& e) {
        return file || access_ != access::by_path ? e.what() : "";
    }
}

std::string log_file::reopen() {
    if (target_.kind == target_kind::descriptor)
        return {};
    std::string reason = open_again();
    if (!reason.empty())
        lose_path(reason);
    return reason;
}

std::string log_file::give_to(uid_t user, gid_t group) {
    if (!regular())
        return {};
    if (created_) {
        if (::fchown(to_.fd(), user, group) == 0)
            return {};
        return fmt::format("cannot give '{}' away: {}", path_, base::system_reason(errno));
    }
    const struct stat now = status();
    if (now.st_uid == user || user == 0 || (now.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return {};
    return fmt::format(
        "'{}' existed before and belongs to user {}, not to {}: it cannot be reopened later",
        path_,
        now.st_uid,
        user
    );
}

std::optional<std::time_t> log_file::birth() const noexcept {
    struct statx found{};
    if (::statx(to_.fd(), "", AT_EMPTY_PATH, STATX_BTIME, &found) != 0 ||
        !(found.stx_mask & STATX_BTIME) || found.stx_btime.tv_sec == 0)
        return std::nullopt;
    return second_of({found.stx_btime.tv_sec, found.stx_btime.tv_nsec});
}

std::time_t log_file::last_write() const noexcept {
    return second_of(status().st_mtim);
}

} // namespace aio::log
