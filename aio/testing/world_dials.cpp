#include <aio/async/timer_queue.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/testing/link.hpp>
#include <aio/testing/link_wire.hpp>
#include <aio/testing/place.hpp>
#include <aio/testing/world.hpp>

#include <cerrno>
#include <chrono>
#include <utility>

namespace aio::testing {

namespace {

/// As the system repeats a connect that found the queue of a listener full.
constexpr base::duration next_try = std::chrono::seconds(1);

class dial final : public net::connector::attempt, private async::timer {
  public:
    dial(
        std::shared_ptr<world> owner,
        async::loop& home,
        const net::address& target,
        net::connector::outcome& told,
        std::size_t number
    )
        : of_(std::move(owner)), home_(home), target_(target), told_(told), number_(number) {
        ++of_->attempts;
    }

    ~dial() override {
        home_.remove_timer(*this);
        end();
    }

    void begin(const net::client_socket_options& options) {
        of_->check_thread();
        if (options.source && options.source->kind() != target_.kind())
            source_error_ = EAFNOSUPPORT;
        source_ = of_->source_for(target_, options);
        fate_ = of_->fate_of(target_);
        home_.add_timer(*this, async::later(home_.now(), fate_.connecting));
    }

    net::stream take() override { return net::adopt(home_, std::move(made_)); }

  private:
    void end() noexcept {
        if (std::exchange(open_, false))
            --of_->attempts;
    }

    void fail(int error) {
        end();
        told_.failed(number_, error);
    }

    void fire() override {
        if (source_error_ != 0)
            return fail(source_error_);
        switch (of_->parted() ? fate::answer::silence : fate_.to_connect) {
        case fate::answer::refuse:
            return fail(ECONNREFUSED);
        case fate::answer::unreachable:
            return fail(EHOSTUNREACH);
        case fate::answer::accept:
            return connect();
        case fate::answer::silence:
            if (fate_.to_connect != fate::answer::silence) // until the network is whole again
                home_.add_timer(*this, async::later(home_.now(), next_try));
            return;
        }
    }

    void connect() {
        place* const found = of_->find(target_);
        if (!found || !found->listens())
            return fail(target_.kind() == net::family::unix_path && !found ? ENOENT : ECONNREFUSED);
        if (found->full())
            return home_.add_timer(*this, async::later(home_.now(), next_try));
        auto between = std::make_shared<link>(of_, fate_, source_, target_);
        made_ = std::make_unique<link_wire>(between, link_end::client, home_);
        found->add(std::move(between), home_);
        end();
        told_.connected(number_);
    }

    const std::shared_ptr<world> of_;
    async::loop& home_;
    const net::address target_;
    net::connector::outcome& told_;
    const std::size_t number_;
    net::address source_;
    fate fate_;
    std::unique_ptr<link_wire> made_;
    int source_error_ = 0;
    bool open_ = true;
};

} // namespace

std::unique_ptr<net::connector::attempt> world::dials::begin(
    async::loop& home,
    const net::address& target,
    const net::client_socket_options& options,
    outcome& told,
    std::size_t number
) {
    auto made = std::make_unique<dial>(of.shared_from_this(), home, target, told, number);
    made->begin(options);
    return made;
}

} // namespace aio::testing
