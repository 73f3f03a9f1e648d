#include <aio/base/system_reason.hpp>
#include <aio/server/kept_sockets.hpp>

#include <fcntl.h>

#include <cerrno>

namespace aio::server {

std::vector<net::endpoint> kept_sockets::copies() const {
    std::vector<net::endpoint> all;
    for (const net::endpoint& original : bound_) {
        net::endpoint& copy = all.emplace_back();
        copy.at = original.at;
        copy.name = original.name;
        copy.listener = original.listener;
        for (const net::socket& each : original.sockets) {
            copy.sockets.emplace_back(::fcntl(each.get(), F_DUPFD_CLOEXEC, 0));
            if (!copy.sockets.back())
                throw base::system_failure(errno, original.name);
        }
    }
    return all;
}

std::optional<std::string> kept_sockets::drop_lost() {
    for (const net::endpoint& each : bound_)
        if (each.file && !each.file->is_there()) {
            std::string path = each.name;
            bound_.clear();
            return path;
        }
    return std::nullopt;
}

} // namespace aio::server
