#include <aio/log/datagram_socket.hpp>
#include <aio/log/spec.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace aio::log {

namespace {

constexpr int send_buffer = 8 * 1024 * 1024;

constexpr std::chrono::seconds shortest_pause{1}, longest_pause{60};
/// How long the start waits for the address of a log host.
constexpr std::chrono::milliseconds patience{1000};

bool peer_is_gone(int error) {
    return error == ECONNREFUSED || error == ENOTCONN || error == ENOENT || error == EPIPE ||
           error == ECONNRESET || error == EBADF;
}

} // namespace

datagram_target unix_target(const std::string& path) {
    datagram_target peer;
    auto& address = reinterpret_cast<sockaddr_un&>(peer.address);
    if (path.size() >= sizeof(address.sun_path))
        throw std::system_error(ENAMETOOLONG, std::generic_category(), "socket '" + path + "'");
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    peer.size = sizeof(address);
    peer.name = path;
    const auto folder = std::filesystem::path(path).parent_path();
    struct stat now{};
    if (path != syslog_args{}.path && path != journald_args{}.path && !folder.empty() &&
        ::stat(folder.c_str(), &now) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot open '" + path + "'");
    return peer;
}

datagram_socket::datagram_socket(datagram_target peer) : to_(std::move(peer)) {
    connect();
}

datagram_socket::datagram_socket(std::string host, std::uint16_t port)
    : host_(std::move(host)), port_(port) {
    to_.name = fmt::format("{}:{}", host_, port_);
    connect();
    if (lookup_ && lookup_->wait(patience)) {
        next_try_ = {};
        connect();
    }
}

datagram_socket::~datagram_socket() {
    if (fd_ >= 0)
        ::close(fd_);
}

/// Not before the pause is over; the next one is twice as long.
void datagram_socket::connect() noexcept {
    if (fd_ >= 0)
        ::close(std::exchange(fd_, -1));
    const clock::time_point now = clock::now();
    if (now < next_try_)
        return;
    pause_ = std::clamp<clock::duration>(pause_ * 2, shortest_pause, longest_pause);
    next_try_ = now + pause_;
    try {
        if (find())
            open();
    } catch (const std::exception& e) {
        away_ = e.what();
    }
}

/// Whether the peer's address is known; a lookup that is under way is asked again later.
bool datagram_socket::find() {
    if (to_.size != 0)
        return true;
    if (!lookup_)
        lookup_ = std::make_unique<host_lookup>(host_, port_);
    if (!lookup_->wait({})) {
        away_ = fmt::format("'{}' is still being looked up", host_);
        return false;
    }
    const auto done = std::exchange(lookup_, nullptr);
    if (done->found())
        to_ = *done->found();
    else
        away_ = done->why();
    return done->found().has_value();
}

void datagram_socket::lose(int error) noexcept {
    try {
        away_ = std::generic_category().message(error);
    } catch (const std::exception&) {
        away_.clear();
    }
}

void datagram_socket::open() noexcept {
    const int fd = ::socket(to_.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return lose(errno);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to_.address), to_.size) != 0) {
        lose(errno);
        ::close(fd);
        return;
    }
    fd_ = fd;
    away_.clear();
}

int datagram_socket::send(std::string_view data) noexcept {
    if (fd_ < 0)
        connect();
    const int error = try_send(data);
    if (fd_ >= 0 || error == ENOTCONN)
        return error;
    connect();
    return try_send(data);
}

/// The old socket is useless once the peer has gone; a new connect may succeed at once.
int datagram_socket::try_send(std::string_view data) noexcept {
    if (fd_ < 0)
        return ENOTCONN;
    if (::send(fd_, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
        pause_ = {};
        return 0;
    }
    const int error = errno;
    if (peer_is_gone(error)) {
        lose(error);
        ::close(std::exchange(fd_, -1));
    }
    return error;
}

int datagram_socket::send_as_file(std::string_view data) noexcept {
    const int file = ::memfd_create("aio-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0)
        return errno;
    int error = 0;
    if (::write(file, data.data(), data.size()) != static_cast<ssize_t>(data.size()) ||
        ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        error = errno != 0 ? errno : ENOSPC;
    } else {
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
        msghdr message{};
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &file, sizeof(int));
        if (::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            error = errno;
    }
    ::close(file);
    return error;
}

} // namespace aio::log
