#include <aio/base/error_words.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/log/datagram_socket.hpp>
#include <aio/log/spec.hpp>
#include <aio/log/target.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
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

constexpr std::chrono::seconds shortest_pause{1}, longest_pause{60};
/// How long the start waits for the address of a log host.
constexpr std::chrono::milliseconds patience{1000};

/// A socket that has worked for so long begins with the shortest pause again.
constexpr std::chrono::seconds proving_time{10};

/// All but a record that is too large and a receiver that does not keep up: what else may be wrong
/// (no route, no device, a firewall) differs between systems.
bool peer_is_gone(int error) {
    return error != EAGAIN && error != ENOBUFS && error != EMSGSIZE && error != ENOMEM;
}

bool same_address(const datagram_target& a, const datagram_target& b) {
    return a.size == b.size && std::memcmp(&a.address, &b.address, a.size) == 0;
}

/// An address that needs no lookup.
bool is_number(const std::string& host) {
    in6_addr room{};
    return ::inet_pton(AF_INET, host.c_str(), &room) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

/// What the system has heard about an earlier record; 0: nothing.
int heard(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

} // namespace

datagram_target unix_target(const std::string& path) {
    datagram_target to;
    auto& address = reinterpret_cast<sockaddr_un&>(to.address);
    if (path.size() >= sizeof(address.sun_path))
        throw std::system_error(ENAMETOOLONG, std::generic_category(), "socket '" + path + "'");
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    to.size = sizeof(address);
    const auto folder = std::filesystem::path(path).parent_path();
    struct stat now{};
    if (path != syslog_args{}.path && path != journald_args{}.path && !folder.empty() &&
        ::stat(folder.c_str(), &now) != 0 && !may_pass(errno))
        throw base::system_failure(errno, "cannot open '" + path + "'");
    return to;
}

datagram_socket::datagram_socket(
    const std::string& path, socket_kinds allowed, clock::time_point (*now)()
)
    : offers_({unix_target(path)}), name_(path), allowed_(allowed), now_(now) {
    connect();
}

datagram_socket::datagram_socket(std::vector<datagram_target> offers, std::string name)
    : offers_(std::move(offers)), name_(std::move(name)) {
    connect();
}

datagram_socket::datagram_socket(std::string host, std::uint16_t port, clock::duration refresh)
    : name_(fmt::format("{}:{}", host, port)), host_(std::move(host)), port_(port),
      refresh_(is_number(host_) ? clock::duration::max() : refresh) {
    connect();
    if (lookup_ && lookup_->wait(patience)) {
        next_try_ = {};
        connect();
    }
}

datagram_socket::~datagram_socket() = default;

void datagram_socket::close() noexcept {
    file_.reset();
    stream_.reset();
}

/// In a round, each offer is tried once. Rounds keep a pause between them, each time a longer one.
bool datagram_socket::connect() noexcept {
    try {
        if (untried_ == 0 && !begin_round())
            return false;
        while (untried_ > 0) {
            --untried_;
            if (open())
                return true;
            next_offer();
        }
    } catch (const std::exception& e) {
        away_ = base::words_of(e);
    }
    return false;
}

bool datagram_socket::begin_round() {
    const clock::time_point now = now_();
    if (now < next_try_)
        return false;
    pause_ = std::clamp<clock::duration>(pause_ * 2, shortest_pause, longest_pause);
    next_try_ = now + pause_;
    if (!find())
        return false;
    untried_ = offers_.size();
    return true;
}

/// When all addresses of a host have failed, it may have others by the next round.
void datagram_socket::next_offer() {
    current_ = (current_ + 1) % offers_.size();
    if (untried_ > 0 || host_.empty())
        return;
    offers_.clear();
    if (!lookup_)
        lookup_ = std::make_unique<host_lookup>(host_, port_);
}

/// While records arrive, or seem to.
void datagram_socket::look_again(clock::time_point now) {
    if (!lookup_ && now - looked_up_ >= refresh_) {
        looked_up_ = now; // also when no thread can be started
        lookup_ = std::make_unique<host_lookup>(host_, port_);
    } else if (lookup_ && lookup_->wait({})) {
        const auto done = std::exchange(lookup_, nullptr);
        looked_up_ = now;
        take(done->found());
    }
}

/// A resolver that fails changes nothing; nor do answers that have the address in use among them.
void datagram_socket::take(const std::vector<datagram_target>& found) {
    const auto used = std::ranges::find_if(found, [&](const datagram_target& each) {
        return same_address(each, offers_[current_]);
    });
    if (found.empty())
        return;
    if (used == found.end())
        close();
    offers_ = found;
    current_ = used == found.end() ? 0 : static_cast<std::size_t>(used - found.begin());
    untried_ = offers_.size();
}

/// Whether the peer's address is known; a lookup that is under way is asked again later.
bool datagram_socket::find() {
    if (!offers_.empty())
        return true;
    if (!lookup_)
        lookup_ = std::make_unique<host_lookup>(host_, port_);
    if (!lookup_->wait({})) {
        away_ = fmt::format("'{}' is still being looked up", host_);
        return false;
    }
    const auto done = std::exchange(lookup_, nullptr);
    looked_up_ = now_();
    offers_ = done->found();
    current_ = 0;
    if (offers_.empty())
        away_ = done->why();
    return !offers_.empty();
}

void datagram_socket::lose(int error) noexcept {
    try {
        away_ = base::system_reason(error);
    } catch (const std::exception&) {
        away_.clear();
    }
}

bool datagram_socket::open() noexcept {
    peer_socket made = connect_to(offers_[current_], allowed_);
    if (!made.file) {
        lose(made.error);
        return false;
    }
    file_ = std::move(made.file);
    is_stream_ = made.stream;
    connected_ = now_();
    fresh_ = true;
    proven_ = false;
    away_.clear();
    return true;
}

int datagram_socket::send(std::string_view data) noexcept {
    while (file_ || connect()) {
        const int error = try_send(data);
        if (file_)
            return error;
    }
    return ENOTCONN;
}

int datagram_socket::try_send(std::string_view data) noexcept {
    if (is_stream_) {
        const int error = stream_.send(file_.get(), data);
        return error == 0 ? taken() : failed(error);
    }
    const auto sent = ::send(file_.get(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent >= 0 ? taken() : failed(errno);
}

/// On the machine itself it is known at once whether a process listens.
int datagram_socket::taken() noexcept {
    if (std::exchange(fresh_, false))
        if (const int error = heard(file_.get()))
            return failed(error);
    const clock::time_point now = now_();
    const bool local = offers_[current_].address.ss_family == AF_UNIX; // which knows at once
    if (!proven_ && (local || now - connected_ > proving_time)) {
        proven_ = true;
        pause_ = {};
        next_try_ = {};
        untried_ = offers_.size();
    }
    try {
        if (!host_.empty())
            look_again(now);
    } catch (const std::exception&) {
        // The address in use stays.
    }
    return 0;
}

/// A peer that is gone leaves no socket behind; it may be back at once, or at its next address.
int datagram_socket::failed(int error) noexcept {
    if (!peer_is_gone(error))
        return error;
    lose(error);
    close();
    try {
        next_offer();
    } catch (const std::exception&) {
        // Without a thread for the lookup now, the next round begins one.
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
        if (::sendmsg(file_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            error = failed(errno);
    }
    ::close(file);
    return error;
}

} // namespace aio::log
