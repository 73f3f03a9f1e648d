// Turns a log file: the old file is moved to its finished parts, and a new one takes its name.

#include <aio/base/file_rights.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/temporary_file.hpp>
#include <aio/log/file_status.hpp>
#include <aio/log/log_file.hpp>
#include <aio/log/turn_lock.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace aio::log {

namespace {

constexpr const char* cannot_make = "cannot make its new file";

} // namespace

/// A name that this user may not look up counts as unchanged.
bool log_file::still_named() const noexcept {
    struct stat named{};
    if (::fstatat(
            target_.way.folder.get(), target_.way.name.c_str(), &named, AT_SYMLINK_NOFOLLOW
        ) != 0)
        return errno != ENOENT;
    return same_file(named, status());
}

part_folder log_file::parts() const {
    return {target_.way.folder, target_.way.path.substr(0, target_.way.path.rfind('/')), to_.fd()};
}

/// A new file is made before the old one is moved: a turn that cannot make it changes nothing. An
/// errno: the file system has no room for it until the turn has removed a superfluous part.
int log_file::make_new(
    std::optional<base::temporary_file>& fresh, const turn_work& work, const base::file_rights& like
) const {
    constexpr int flags = O_WRONLY | O_APPEND | O_NOCTTY;
    if (fresh.emplace(target_.way, flags, like.mode & S_IRWXU).made()) {
        std::ignore = base::give_rights(fresh->get(), like);
        return 0;
    }
    const int error = errno;
    if ((error == ENOSPC || error == EDQUOT) && work.frees_room(parts(), target_.way.name))
        return error;
    throw base::system_failure(error, cannot_make);
}

/// If the new file has no room, because of the errno `no_room`, and no part can be removed, the old
/// file is put back.
void log_file::remove_surplus(const turn_work& work, int no_room) const {
    std::string reason;
    bool removed = false;
    try {
        for (const std::string& part : work.surplus(parts(), target_.way.name))
            try {
                parts().remove(part);
                removed = true;
            } catch (const std::exception& e) {
                reason = e.what();
            }
    } catch (const std::exception& e) {
        reason = e.what();
    }
    if (no_room == 0 || removed) {
        if (!reason.empty())
            with_.lost.say(reason);
        return;
    }
    work.put_back(parts(), target_.way.name);
    if (reason.empty())
        throw base::system_failure(no_room, cannot_make);
    throw std::runtime_error(reason);
}

/// The old file has been moved, by this process or another one.
turn_result log_file::open_named(const base::file_rights& like) {
    try {
        take(open_replacement(target_, path_, like));
        return {turning::done, {}};
    } catch (const std::exception& e) {
        lose_path(e.what());
        return {turning::failed, {}};
    }
}

turn_result log_file::turn_locked(const turn_work& work) {
    const base::file_rights before = base::rights_of(to_.fd());
    if (!still_named())
        return open_named(before);
    std::optional<base::temporary_file> fresh;
    const int no_room = make_new(fresh, work, before);
    work.move(parts(), target_.way.name);
    remove_surplus(work, no_room);
    if (still_named()) {
        tell_copied();
        return {turning::done, {}, true};
    }
    if (no_room != 0 || !fresh->take_free_name()) // not made, or another process has taken the name
        return open_named(before);
    take({fresh->take_file(), target_kind::file, true});
    return {turning::done, {}, true};
}

turn_result log_file::turn(const turn_work& work) noexcept {
    if (!regular())
        return {turning::failed, {}};
    try {
        to_.flush();
        const int fd = to_.fd();
        turn_lock lock(fd);
        if (!lock)
            return {turning::locked, "another process keeps it locked (fcntl)"};
        turn_result result = turn_locked(work);
        if (to_.fd() != fd)
            lock.ended();
        return result;
    } catch (const std::exception& e) {
        return failed_turn(e.what());
    }
}

turn_result log_file::failed_turn(std::string_view reason) noexcept {
    try {
        return {turning::failed, std::string(reason)};
    } catch (const std::exception&) {
        with_.lost.say(reason); // no memory
        return {turning::failed, {}};
    }
}

void log_file::tell_growing(std::string_view reason) noexcept {
    try {
        with_.lost.announce(fmt::format(
            "warning: the log '{}' is not rotated and goes on growing: {}", path_, reason
        ));
    } catch (const std::exception& e) {
        with_.lost.say(e.what());
    }
}

void log_file::tell_turned_again() noexcept {
    try {
        with_.lost.announce(fmt::format("the log '{}' is rotated again", path_));
    } catch (const std::exception& e) {
        with_.lost.say(e.what());
    }
}

/// A record that another process writes between the copy and the emptying is lost.
void log_file::tell_copied() {
    if (!std::exchange(told_copied_, true))
        with_.lost.announce(fmt::format(
            "warning: the log '{}' is a mount point, which cannot be moved: it is copied to its "
            "parts and emptied",
            path_
        ));
}

void log_file::tidy(const part_work& work) noexcept {
    try {
        work(parts(), target_.way.name);
    } catch (const std::exception& e) {
        with_.lost.say(e.what());
    }
}

} // namespace aio::log
