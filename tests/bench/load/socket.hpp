#pragma once

// The few socket calls of the load generator, with failures as std::system_error: a load that
// meets an error it does not expect says so and ends, it never measures half a run.

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bench {

[[noreturn]] void fail(const std::string& what);

/// Owns a descriptor.
class descriptor {
  public:
    descriptor() = default;

    explicit descriptor(int fd) : fd_(fd) {}

    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();

    int get() const { return fd_; }

    void reset();

  private:
    int fd_ = -1;
};

/// Takes the source addresses 127.0.0.2 to 127.0.0.251 in turn: a single one has 28,000 ports.
class source_addresses {
  public:
    std::uint32_t next();

  private:
    std::uint32_t turn_ = 0;
};

/// A non-blocking TCP connection in the making; the loopback usually has it ready at once.
descriptor start_connect(std::uint16_t port, source_addresses& sources);

/// Many connections, each after one exchange of `size` bytes (at most a few KiB), which fails if it
/// comes back changed. Made some at a time, so that no backlog overflows; blocks until they stand.
std::vector<descriptor> connect_many(std::uint16_t port, std::size_t count, std::size_t size);

/// Waits until the connection stands; fails with its error, or after 10 s.
void finish_connect(int fd);

/// Waits until the socket is ready for `events` of poll(2); fails after 10 s, naming `what`.
void await(int fd, short events, const char* what);

/// A non-blocking TCP listener on all addresses of this machine.
descriptor listen_on(std::uint16_t port);

/// The next connection that waits at a listener, non-blocking; an empty one if there is none.
descriptor accept_from(const descriptor& listener);

/// True when the standard input has ended: whoever started this load wants no more of it.
bool input_ended();

/// A non-blocking UDP socket connected to the server.
descriptor open_udp(std::uint16_t port, source_addresses& sources);

/// Fails unless `count` more descriptors can be opened; raises the soft limit to the hard one.
void need_descriptors(std::size_t count);

/// Level or edge triggered set; an event carries the index it was added with.
class poll_set {
  public:
    poll_set();
    void add(int fd, std::uint32_t events, std::size_t index) const;

    /// What is ready, waiting for at most 10 ms so that windows end in time.
    std::span<const epoll_event> wait();

  private:
    descriptor epoll_;
    std::array<epoll_event, 256> events_{};
};

} // namespace bench
