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

    void start_with(std::vector<address> found) {
        const auto first = race_.step(race::names{std::move(found)}, home_.now());
        attempts_.resize(race_.addresses().size());
        turn_.reserve(attempts_.size() + other_events);
        act(first);
    }

    bool over() const noexcept { return race_.over(); }

    /// Nothing has happened since the last step: news() come before the next one.
    bool idle() const noexcept { return turn_.empty(); }

    auto news() noexcept { return suspend("a connection"); }

    /// After a cancellation the race is over, and all sockets are closed.
    void step() {
        if (cancelled())
            turn_.emplace_back(race::cancelled{});
        const auto wanted = race_.step(turn_, home_.now());
        turn_.clear();
        act(wanted);
    }

    /// Of a race that is over. Throws what it has failed with, or operation_aborted.
    stream result() {
        home_.remove_timer(*this);
        throw_if_cancelled();
        if (failure_)
            throw base::system_failure(*failure_);
        return winner_->take();
    }

  private:
    /// Of one turn, beside the end of each attempt: the timer and the cancellation.
    static constexpr std::size_t other_events = 2;

    void connected(std::size_t attempt) override { note(race::connected{attempt}); }

    void failed(std::size_t attempt, int error) override { note(race::failed{attempt, error}); }

    void fire() override { note(race::timer{}); }

    // There is room: a lack of memory here would be one of the loop.
    void note(race::event what) {
        turn_.push_back(std::move(what));
        wake();
    }

    void act(const std::vector<race::action>& all) {
        for (const race::action& each : all)
            std::visit([this](const auto& what) { on(what); }, each);
    }

    void on(const race::start& what) {
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
    std::vector<race::event> turn_; ///< what has happened since the last step
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
    explicit unfinished(stream& of_dial) noexcept : made(&of_dial) {}

    unfinished(const unfinished&) = delete;
    unfinished& operator=(const unfinished&) = delete;

    ~unfinished() {
        if (made)
            made->close();
    }

    stream* made; ///< nullptr: the dial has not failed
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
            proxy_target_ = std::make_unique<const target>(
                target{target::kind::tcp, proxy_->at.host, proxy_->at.port, {}}
            );
    }

    /// Frames cost as much as what is done here: a plain dial has two, both small enough for what
    /// Asio keeps for the next frame. So the options have a place of their own; nullptr: the usual
    /// ones.
    template <typename Where>
    static task<stream> run(Where where, std::unique_ptr<const connect_options> given) {
        async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
        dial self(home, as_target(std::move(where)), given ? *given : usual());
        stream made = co_await self.connect();
        if (self.has_more_to_do()) {
            unfinished guard(made); // a cancellation may have come before finish() begins
            co_await self.finish(made);
            guard.made = nullptr;
        }
        co_return made;
    }

  private:
    static const connect_options& usual() {
        static const connect_options made;
        return made;
    }

    static target as_target(target read) noexcept { return read; }

    static target as_target(const std::string& text) {
        auto read = target::parse(text);
        if (const auto* why = std::get_if<target_mistake>(&read))
            throw why->as_error("the target");
        return std::get<target>(std::move(read));
    }

    task<stream> connect() {
        if (is_tls())
            rules_ = co_await read_tls();
        std::vector<address> found = literal();
        const bool named = found.empty();
        try {
            if (named)
                found = co_await resolve();
            tell(dial_stage::connecting);
            running_race race(home_, rules_of_race(), options_.socket_);
            for (race.start_with(std::move(found)); !race.over(); race.step())
                if (race.idle())
                    co_await race.news();
            co_return race.result();
        } catch (const base::system_failure& e) {
            throw explained(before(named), e);
        }
    }

    bool has_more_to_do() const noexcept { return proxy_ || announces() || rules_; }

    /// What comes after the connection.
    task<void> finish(stream& made) {
        if (proxy_)
            co_await through_proxy(made);
        if (announces())
            co_await announce(made);
        if (rules_)
            co_await shake_hands(made);
    }

    /// Whom the socket connects to.
    const target& next() const noexcept { return proxy_ ? *proxy_target_ : wanted_; }

    /// Empty: a resolver is needed.
    std::vector<address> literal() const {
        const auto found = is_socket_file()
                               ? next().literal()
                               : resolve_literal(next().host, next().port, wanted_family());
        return found ? std::vector<address>{*found} : std::vector<address>();
    }

    race_rules rules_of_race() const noexcept {
        race_rules rules;
        rules.attempt_delay = options_.attempt_delay_;
        rules.deadline = end_;
        return rules;
    }

    /// What the text of an error that names an address does not say.
    std::string before(bool named) const {
        const std::string via = proxy_ ? wanted_.text() + ": the proxy " : std::string();
        return named ? via + next().text() + ": " : via;
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
                end_ - home_.now(), names.resolve(next().host, next().port, wanted_family())
            );
        } catch (const async::timeout_error&) {
            throw base::system_failure::in_words(ETIMEDOUT, "the name was not resolved in time");
        }
    }

    bool is_socket_file() const noexcept { return next().port == 0; }

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

    bool announces() const noexcept {
        return options_.announces_itself_ || !options_.announced_.empty();
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
    task<void> announce(stream& made) {
        const std::string header = header_for(made);
        try {
            co_await made.write(std::string_view(header));
        } catch (const std::system_error& e) {
            throw explained(wanted_.text() + ": ", e);
        }
    }

    task<void> shake_hands(stream& made) {
        tell(dial_stage::securing);
        const std::string& given = options_.tls_.name();
        const std::string name = given.empty() ? wanted_.tls_name() : given;
        auto session =
            std::make_unique<tls_session>(rules_, name, fmt::format("{} {}", name, wanted_.text()));
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
    std::unique_ptr<const target> proxy_target_;
    const connect_options& options_;
    const http_proxy* proxy_ = nullptr;
    const async::time_point end_;
    std::shared_ptr<const tls_context> rules_; ///< of TLS
};

task<stream> connect(std::string where) {
    return dial::run(std::move(where), nullptr);
}

task<stream> connect(std::string where, connect_options options) {
    return dial::run(std::move(where), std::make_unique<connect_options>(std::move(options)));
}

task<stream> connect(target where, connect_options options) {
    return dial::run(std::move(where), std::make_unique<connect_options>(std::move(options)));
}

} // namespace aio::net
