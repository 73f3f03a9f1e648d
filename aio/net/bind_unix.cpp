#include <aio/base/system_reason.hpp>
#include <aio/net/bind_unix.hpp>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace aio::net {

namespace {

[[noreturn]] void fail(const std::string& path, int number = errno) {
    throw base::system_failure(number, path);
}

std::string_view kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFLNK:
        return "a link";
    case S_IFDIR:
        return "a folder";
    case S_IFIFO:
        return "a named pipe";
    case S_IFCHR:
    case S_IFBLK:
        return "a device";
    default:
        return "a file";
    }
}

// Removes a socket that no process listens on any more: a connect to it is refused.
void make_room(transport_kind transport, const socket_place& place) {
    const auto found = place.look();
    if (!found)
        return;
    if (!S_ISSOCK(found->st_mode))
        throw base::system_failure::in_words(
            EEXIST, fmt::format("{} is {}, not a socket", place.path(), kind_of(found->st_mode))
        );
    const socket probe = open_socket(AF_UNIX, socket_type(transport));
    const address at = place.where();
    const int refused = ::connect(probe.get(), at.raw(), at.size()) == 0 ? 0 : errno;
    if (refused != ECONNREFUSED)
        fail(place.path(), EADDRINUSE);
    if (::unlinkat(place.folder(), place.name().c_str(), 0) != 0)
        fail(place.path());
}

} // namespace

endpoint bind_unix(const bind_request& request) {
    const auto shown = address::unix_socket(request.path);
    if (!shown)
        fail(request.path, ENAMETOOLONG);
    endpoint made;
    socket_place place(request.path);
    const address at = place.where();
    const path_lock alone(place, request.patience);
    make_room(request.transport, place);
    socket opened = open_socket(AF_UNIX, socket_type(request.transport));
    // The mode is set before bind, so that it holds from the first moment.
    if (request.mode && ::fchmod(opened.get(), *request.mode & ~0111u) != 0)
        fail(request.path);
    if (::bind(opened.get(), at.raw(), at.size()) != 0)
        fail(request.path);
    made.file = std::make_unique<socket_file>(std::move(place));
    if (request.mode) // once more: the umask may have taken bits away
        if (const auto failed = made.file->set_mode(*request.mode))
            fail(request.path, failed.value());
    // A socket that does not listen yet refuses connections like a dead one. Another section or
    // process that wants the path would remove it.
    if (request.transport == transport_kind::unix_stream)
        listen(request.path, opened, SOMAXCONN);
    made.at = *shown;
    made.name = request.path;
    made.sockets.push_back(std::move(opened));
    return made;
}

} // namespace aio::net
