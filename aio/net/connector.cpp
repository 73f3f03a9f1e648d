#include <aio/async/timer_queue.hpp>
#include <aio/net/connector.hpp>
#include <aio/net/failure_run.hpp>
#include <aio/net/gate.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/stream_core.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

socket open_for(const address& target, const client_socket_options& options) {
    socket made = open_socket(target.raw()->sa_family, SOCK_STREAM);
    if (target.kind() == family::unix_path)
        return made;
    if (!options.interface.empty())
        set_interface(made, options.interface);
    if (options.unsent)
        set_unsent(made, *options.unsent);
    if (options.no_delay)
        set_option(made, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
    if (options.keepalive)
        set_keepalive(made, *options.keepalive);
    if (options.user_timeout)
        set_user_timeout(made, *options.user_timeout);
    if (!options.source)
        return made;
    if (options.source->kind() != target.kind())
        throw std::system_error(EAFNOSUPPORT, std::system_category());
    // With it, a port of ours serves connections to several targets. Without it, there are fewer.
    const int later = options.source->port() == 0;
    (void)::setsockopt(made.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &later, sizeof later);
    if (::bind(made.get(), options.source->raw(), options.source->size()) != 0)
        throw std::system_error(errno, std::system_category());
    return made;
}

/// Whether the other end has the address that was connected to. The system takes an unspecified
/// one for this machine, and drops the interface of an address that needs none.
bool is_of_peer(const address& dialed) noexcept {
    if (dialed.kind() == family::v4)
        return reinterpret_cast<const ::sockaddr_in*>(dialed.raw())->sin_addr.s_addr != INADDR_ANY;
    if (dialed.kind() != family::v6)
        return true;
    const auto& in6 = *reinterpret_cast<const ::sockaddr_in6*>(dialed.raw());
    const ::in6_addr& host = in6.sin6_addr;
    return in6.sin6_scope_id == 0 && !IN6_IS_ADDR_UNSPECIFIED(&host) &&
           !IN6_IS_ADDR_V4MAPPED(&host);
}

class system_attempt final : public connector::attempt, private watch, private async::timer {
  public:
    system_attempt(
        async::loop& home, const address& target, connector::outcome& told, std::size_t number
    )
        : home_(home), on_(poller::of(home)), target_(target), told_(told), number_(number) {}

    ~system_attempt() override {
        home_.remove_timer(*this);
        if (watched_)
            on_.close(socket_.release());
    }

    void begin(const client_socket_options& options, const std::shared_ptr<gate>& descriptors) {
        try {
            socket_ = open_for(target_, options);
            if (descriptors &&
                !descriptors->admits(
                    socket_.get(), connection_kind::outgoing, home_.now().time_since_epoch()
                )) {
                socket_ = {};
                return tell_later(EMFILE);
            }
            connect();
        } catch (const std::system_error& e) {
            tell_later(e.code().value());
        }
    }

    stream take() override {
        if (!watched_)
            return adopt(home_, std::move(socket_));
        stream made = adopt(home_, socket_, peer(), seen_);
        watched_ = false;
        return made;
    }

  private:
    void connect() {
        if (::connect(socket_.get(), target_.raw(), target_.size()) == 0)
            return tell_later(0);
        switch (errno) {
        case EINPROGRESS:
        case EINTR: // it goes on
            on_.add(socket_.get(), *this, connection::events_of_connecting);
            watched_ = true;
            return;
        case EAGAIN: // a unix socket whose queue is full: nothing tells when it is not
            if (target_.kind() == family::unix_path)
                return home_.add_timer(*this, async::later(home_.now(), full_.lasting()));
            [[fallthrough]];
        default:
            tell_later(errno);
        }
    }

    void fire() override {
        if (result_ >= 0)
            tell(result_);
        else
            connect();
    }

    // In a later turn; nobody is told inside begin().
    void tell_later(int error) {
        result_ = error;
        home_.add_timer(*this, home_.now());
    }

    void ready(std::uint32_t events) override {
        seen_ |= events;
        if (told_once_) // an error is the stream's to tell
            return;
        if ((events & (EPOLLERR | EPOLLHUP)) == 0)
            return tell(0);
        int error = 0;
        ::socklen_t size = sizeof error;
        if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
        if (error == 0 && peer_address(socket_.get()).size() == 0)
            error = ECONNREFUSED; // it was connected, and is not any more
        tell(error);
    }

    address peer() const noexcept {
        return is_of_peer(target_) ? target_ : peer_address(socket_.get());
    }

    // Without a listener, a port of ours may be chosen that is the one to connect to: the socket
    // then talks to itself.
    bool to_itself() const noexcept {
        const std::uint16_t wanted = target_.port();
        const address ours = wanted ? local_address(socket_.get()) : address();
        return wanted && ours.port() == wanted && ours == peer_address(socket_.get());
    }

    void tell(int error) {
        if (std::exchange(told_once_, true))
            return;
        if (error == 0 && to_itself())
            error = ECONNREFUSED;
        if (error == 0)
            told_.connected(number_);
        else
            told_.failed(number_, error);
    }

    async::loop& home_;
    poller& on_;
    const address target_;
    connector::outcome& told_;
    const std::size_t number_;
    socket socket_;
    failure_run full_;
    std::uint32_t seen_ = 0; ///< all events
    int result_ = -1;        ///< known without an event: 0 or an errno
    bool watched_ = false;
    bool told_once_ = false;
};

} // namespace

connector::attempt::~attempt() = default;
connector::~connector() = default;

std::unique_ptr<connector::attempt> system_connector::begin(
    async::loop& home,
    const address& target,
    const client_socket_options& options,
    outcome& told,
    std::size_t number
) {
    auto made = std::make_unique<system_attempt>(home, target, told, number);
    made->begin(options, descriptors_.lock());
    return made;
}

} // namespace aio::net
