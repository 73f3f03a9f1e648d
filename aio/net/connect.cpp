#include <aio/async/suspend.hpp>
#include <aio/async/timeout.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/target.hpp>
#include <aio/net/tls_contexts.hpp>
#include <aio/net/tls_stream.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <variant>
#include <vector>

namespace aio::net {

namespace {

/// The race on a loop: what happens becomes events, which the coroutine hands to the race.
class running_race final : public connector::outcome, private async::waiter, private async::timer {
  public:
    running_race(async::loop& home, race_rules rules, const client_socket_options& sockets)
        : home_(home), race_(rules), sockets_(sockets) {}

    ~running_race() { home_.remove_timer(*this); }

    /// Cancelled: all sockets are closed.
    task<stream> run(std::vector<address> found) {
        act(race_.step(race::names{std::move(found)}, home_.now()));
        while (!race_.over()) {
            if (turn_.empty())
                co_await suspend("a connection");
            if (cancelled())
                turn_.emplace_back(race::cancelled{});
            act(race_.step(std::exchange(turn_, {}), home_.now()));
        }
        home_.remove_timer(*this);
        throw_if_cancelled();
        if (failure_)
            throw base::system_failure(*failure_);
        co_return winner_->take();
    }

  private:
    void connected(std::size_t attempt) override { note(race::connected{attempt}); }

    void failed(std::size_t attempt, int error) override { note(race::failed{attempt, error}); }

    void fire() override { note(race::timer{}); }

    void note(race::event what) {
        turn_.push_back(std::move(what));
        if (waiting())
            wake();
    }

    void act(const std::vector<race::action>& all) {
        for (const race::action& each : all)
            std::visit([this](const auto& what) { on(what); }, each);
    }

    void on(const race::start& what) {
        attempts_.resize(race_.addresses().size());
        attempts_[what.attempt] = dialing::of(home_).connector().begin(
            home_, race_.addresses()[what.attempt], sockets_, *this, what.attempt
        );
    }

    void on(const race::arm& what) {
        home_.remove_timer(*this);
        if (what.moment != async::never)
            home_.add_timer(*this, what.moment);
    }

    void on(const race::close& what) { attempts_[what.attempt].reset(); }

    void on(const race::done& what) { winner_ = std::move(attempts_[what.attempt]); }

    void on(const race::fail& what) { failure_ = what.why; }

    async::loop& home_;
    race race_;
    const client_socket_options& sockets_;
    std::vector<race::event> turn_;
    std::vector<std::unique_ptr<connector::attempt>> attempts_;
    std::unique_ptr<connector::attempt> winner_;
    std::optional<base::system_failure> failure_;
};

// Whatever follows the answer stays in the stream.
task<void> open_tunnel(stream& through, const authority& wanted, const http_proxy& proxy) {
    co_await through.write(std::string_view(tunnel_request(wanted, proxy)));
    tunnel_reply reply;
    while (!reply.over()) {
        const std::string line = co_await through.read_until("\n", tunnel_reply::most_bytes);
        if (line.empty())
            reply.end_of_stream();
        else
            reply.take(line);
    }
    if (reply.now() != tunnel_reply::state::open)
        throw base::system_failure::in_words(
            reply.now() == tunnel_reply::state::refused ? ECONNREFUSED : EPROTO, reply.why()
        );
}

/// Closes the connection of a dial that fails: nothing waits for its peer.
struct unfinished {
    explicit unfinished(stream& of_dial) noexcept : made(of_dial) {}

    unfinished(const unfinished&) = delete;
    unfinished& operator=(const unfinished&) = delete;

    ~unfinished() {
        if (made)
            made.close();
    }

    stream& made;
};

} // namespace

/// One call of connect().
class dial {
  public:
    dial(async::loop& home, target wanted, const connect_options& options)
        : home_(home), wanted_(std::move(wanted)), options_(options),
          end_(async::later(home.now(), options.timeout_)) {
        const bool by_proxy = options_.proxy_ && wanted_.port != 0;
        proxy_ = by_proxy ? &*options_.proxy_ : nullptr;
        if (proxy_)
            next_ = target{target::kind::tcp, proxy_->at.host, proxy_->at.port, {}};
        else
            next_ = wanted_;
    }

    task<stream> run() {
        const auto rules = is_tls() ? co_await read_tls() : nullptr;
        stream made = co_await connect_to_next();
        const unfinished guard(made);
        if (proxy_)
            co_await through_proxy(made);
        if (const std::string header = header_for(made); !header.empty())
            co_await announce(made, header);
        if (rules)
            co_await shake_hands(made, rules);
        co_return made;
    }

  private:
    task<stream> connect_to_next() {
        const auto literal = is_socket_file()
                                 ? next_.literal()
                                 : resolve_literal(next_.host, next_.port, wanted_family());
        const bool named = !literal;
        try {
            auto found = named ? co_await resolve() : std::vector<address>{*literal};
            race_rules rules;
            rules.attempt_delay = options_.attempt_delay_;
            rules.deadline = end_;
            tell(dial_stage::connecting);
            running_race race(home_, rules, options_.socket_);
            co_return co_await race.run(std::move(found));
        } catch (const base::system_failure& e) {
            throw explained(before(named), e);
        }
    }

    /// What the text of an error that names an address does not say.
    std::string before(bool named) const {
        const std::string via = proxy_ ? wanted_.text() + ": the proxy " : std::string();
        return named ? via + next_.text() + ": " : via;
    }

    void tell(dial_stage now) const {
        if (options_.told_)
            options_.told_(now);
    }

    task<std::vector<address>> resolve() {
        tell(dial_stage::resolving);
        auto& names = dialing::of(home_).resolver();
        try {
            co_return co_await async::with_timeout(
                end_ - home_.now(), names.resolve(next_.host, next_.port, wanted_family())
            );
        } catch (const async::timeout_error&) {
            throw base::system_failure::in_words(ETIMEDOUT, "the name was not resolved in time");
        }
    }

    bool is_socket_file() const noexcept { return next_.port == 0; }

    net::family wanted_family() const noexcept {
        const auto& source = options_.socket_.source;
        return source && options_.family_ == net::family::none ? source->kind() : options_.family_;
    }

    task<void> through_proxy(stream& made) {
        const authority wanted{wanted_.host, wanted_.port};
        try {
            co_await async::with_timeout(end_ - home_.now(), open_tunnel(made, wanted, *proxy_));
        } catch (const async::timeout_error&) {
            throw explained(
                by_proxy(), base::system_failure::in_words(ETIMEDOUT, "it does not answer in time")
            );
        } catch (const std::system_error& e) {
            throw explained(by_proxy(), e);
        }
    }

    bool is_tls() const noexcept { return wanted_.how == target::kind::tls; }

    task<std::shared_ptr<const tls_context>> read_tls() {
        try {
            co_return co_await async::with_timeout(
                end_ - home_.now(), dialing::of(home_).tls(options_.tls_.rules())
            );
        } catch (const async::timeout_error&) {
            throw failure(ETIMEDOUT, "the files for TLS were not read in time");
        } catch (const boost::system::system_error&) {
            throw; // the cancellation
        } catch (const std::exception& e) {
            throw failure(errno_of_files(e), e.what());
        }
    }

    std::string header_for(const stream& made) const {
        if (!options_.announces_itself_)
            return options_.announced_;
        proxy_header header;
        header.version = *options_.announces_itself_;
        header.about =
            is_socket_file() ? proxy_header::subject::unknown : proxy_header::subject::client;
        header.from = made.local();
        header.to = made.socket_peer();
        return write_proxy_header(header);
    }

    // A PROXY header is shorter than the buffer of a new socket.
    task<void> announce(stream& made, const std::string& header) {
        try {
            co_await made.write(std::string_view(header));
        } catch (const std::system_error& e) {
            throw explained(wanted_.text() + ": ", e);
        }
    }

    task<void> shake_hands(stream& made, const std::shared_ptr<const tls_context>& rules) {
        tell(dial_stage::securing);
        const std::string& given = options_.tls_.name();
        const std::string name = given.empty() ? wanted_.tls_name() : given;
        auto session =
            std::make_unique<tls_session>(rules, name, fmt::format("{} {}", name, wanted_.text()));
        try {
            co_await begin_tls(made, std::move(session), end_ - home_.now());
        } catch (const std::system_error& e) {
            throw explained(wanted_.text() + ": ", e);
        }
    }

    base::system_failure failure(int number, const std::string& text) const {
        return base::system_failure::in_words(number, wanted_.text() + ": " + text);
    }

    std::string by_proxy() const { return before(true); }

    static base::system_failure explained(const std::string& before, const std::system_error& e) {
        const bool system = e.code().category() == std::system_category();
        return base::system_failure::in_words(
            system ? e.code().value() : EPROTO, before + e.what()
        );
    }

    async::loop& home_;
    const target wanted_;
    target next_; ///< whom the socket connects to
    const connect_options& options_;
    const http_proxy* proxy_ = nullptr;
    const async::time_point end_;
};

task<stream> connect(std::string where, connect_options options) {
    auto read = target::parse(where);
    if (const auto* why = std::get_if<target_mistake>(&read))
        throw why->as_error("the target");
    co_return co_await connect(std::get<target>(std::move(read)), std::move(options));
}

task<stream> connect(target where, connect_options options) {
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    dial made(home, std::move(where), options);
    co_return co_await made.run();
}

} // namespace aio::net
