#include <aio/log/host_lookup.hpp>

#include <fmt/format.h>
#include <netdb.h>
#include <resolv.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>

namespace aio::log {

struct host_lookup::state {
    state(std::string host_, std::uint16_t port_) : host(std::move(host_)), port(port_) {}

    const std::string host;
    const std::uint16_t port;
    std::mutex lock;
    std::condition_variable answered;
    bool done = false;
    std::vector<datagram_target> found;
    std::string why;

    int ask(int more, addrinfo*& answer) const {
        addrinfo wanted{};
        wanted.ai_socktype = SOCK_DGRAM;
        wanted.ai_flags = AI_NUMERICSERV | more;
        return ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &answer);
    }

    void look_up() {
        ::res_init(); // of this thread
        _res.retrans = 1;
        _res.retry = 1;
        addrinfo* answer = nullptr;
        int error = ask(AI_NUMERICHOST, answer);
        if (error != 0)
            error = ask(AI_ADDRCONFIG, answer);
        const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(
            error == 0 ? answer : nullptr, ::freeaddrinfo
        );
        const std::scoped_lock hold(lock);
        if (owned) {
            for (const addrinfo* each = owned.get(); each; each = each->ai_next) {
                datagram_target& target = found.emplace_back();
                std::memcpy(&target.address, each->ai_addr, each->ai_addrlen);
                target.size = each->ai_addrlen;
            }
        } else {
            why = fmt::format("cannot find '{}': {}", host, ::gai_strerror(error));
        }
        done = true;
        answered.notify_all();
    }
};

host_lookup::host_lookup(std::string host, std::uint16_t port)
    : state_(std::make_shared<state>(std::move(host), port)),
      thread_([shared = state_] { shared->look_up(); }) {}

host_lookup::~host_lookup() = default;

bool host_lookup::wait(std::chrono::milliseconds limit) {
    std::unique_lock hold(state_->lock);
    return state_->answered.wait_for(hold, limit, [this] { return state_->done; });
}

const std::vector<datagram_target>& host_lookup::found() const noexcept {
    return state_->found;
}

const std::string& host_lookup::why() const noexcept {
    return state_->why;
}

} // namespace aio::log
