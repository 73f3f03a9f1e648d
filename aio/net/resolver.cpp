#include <aio/async/suspend.hpp>
#include <aio/async/timeout.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/once_a_minute.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/visible.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/error.hpp>
#include <aio/net/resolver.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>
#include <netdb.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

lookup_trouble kind_of(const std::exception_ptr& why) {
    try {
        std::rethrow_exception(why);
    } catch (const std::system_error& e) {
        if (e.code().category() != resolver_category() || e.code().value() == EAI_MEMORY)
            return lookup_trouble::local;
        const bool absent = e.code().value() == EAI_NONAME || e.code().value() == EAI_NODATA;
        return absent ? lookup_trouble::no_such_name : lookup_trouble::resolver;
    } catch (...) {
        return lookup_trouble::local;
    }
}

lookup_failure current_failure() {
    const std::exception_ptr why = std::current_exception();
    return {kind_of(why), why};
}

[[noreturn]] void refuse(const std::string& name, int reason) {
    throw std::system_error(
        reason,
        resolver_category(),
        fmt::format("cannot resolve '{}'", base::visible(name, base::layout::one_line))
    );
}

lookup_result ask_system(const system_resolver::lookup& by_system, const name_key& key) {
    try {
        auto found = by_system(key.name, key.wanted);
        if (found.empty())
            refuse(key.name, EAI_NODATA);
        return found;
    } catch (...) {
        return current_failure();
    }
}

bool is_ip(family kind) noexcept {
    return kind == family::v4 || kind == family::v6;
}

} // namespace

resolver::~resolver() = default;

std::optional<address> resolve_literal(const std::string& name, std::uint16_t port, family wanted) {
    if (const auto literal = address::parse(name, port)) {
        if (is_ip(wanted) && literal->kind() != wanted)
            throw base::system_failure::in_words(
                EAFNOSUPPORT,
                fmt::format("{} is not an IPv{} address", name, wanted == family::v4 ? 4 : 6)
            );
        return literal;
    }
    if (const auto interface = address::missing_interface(name))
        throw no_interface(name, *interface);
    if (name == "*" || !names_a_host(name))
        refuse(name, EAI_NONAME);
    return std::nullopt;
}

/// One who waits.
struct system_resolver::seat {
    explicit seat(async::loop& home_) : home(&home_) {}

    async::loop* home;                     ///< whom to tell; nullptr: nobody, or it was told
    waiting* waits = nullptr;              ///< touched at home only
    bool told = false;                     ///< the same
    std::optional<name_cache::answer> got; ///< written before home is told
};

/// Under the mutex, but for what is constant.
struct system_resolver::state {
    state(const async::clock& given, name_cache::rules rules, warning warn_)
        : time(dynamic_cast<const async::virtual_clock*>(&given) ? &given : &system), cache(rules),
          warn(std::move(warn_)) {}

    using seats = std::vector<std::shared_ptr<seat>>;

    // With the mutex held, so that a loop that has told it leaves can go.
    void tell(seats& all, const name_cache::answer& got) {
        for (const std::shared_ptr<seat>& each : all)
            if (async::loop* const home = std::exchange(each->home, nullptr)) {
                each->got = got;
                home->post([each] { wake(*each); });
            }
    }

    void land(const name_key& key, lookup_result result) {
        const std::lock_guard lock(mutex);
        if (!time)
            return;
        const auto got = cache.ended(key, std::move(result), time->now());
        if (const auto at = waits.find(key); at != waits.end()) {
            seats all = std::move(at->second);
            waits.erase(at);
            tell(all, got);
        }
    }

    /// False: it is being told.
    bool leave(seat& mine) {
        const std::lock_guard lock(mutex);
        for (auto at = waits.begin(); at != waits.end(); ++at)
            if (std::erase_if(at->second, [&](const auto& s) { return s.get() == &mine; })) {
                if (at->second.empty())
                    waits.erase(at);
                break;
            }
        return std::exchange(mine.home, nullptr) != nullptr;
    }

    static void wake(seat& mine);

    /// Leaves at the end of a scope.
    struct leaver {
        state& shared;
        seat& mine;

        ~leaver() { shared.leave(mine); }
    };

    std::mutex mutex;
    const async::real_clock system; ///< a thread that was left may ask it after the loops
    const async::clock* time;       ///< nullptr: the resolver has gone
    name_cache cache;
    std::map<name_key, seats> waits;
    base::once_a_minute told;
    const warning warn;
};

/// One lookup. Whatever becomes of it once it is launched, those who wait are told.
struct system_resolver::flight {
    flight(std::shared_ptr<state> shared, lookup by_system, name_key key)
        : shared_(std::move(shared)), by_system_(std::move(by_system)), key_(std::move(key)) {}

    flight(flight&&) noexcept = default;

    ~flight() {
        if (shared_ && *launched_)
            shared_->land(key_, aborted());
    }

    /// Set once a pool has it: it may then be destroyed without a call.
    std::shared_ptr<bool> launched() const noexcept { return launched_; }

    void operator()() {
        lookup_result result = ask_system(by_system_, key_);
        std::exchange(shared_, nullptr)->land(key_, std::move(result));
    }

    static lookup_failure aborted() {
        return {
            lookup_trouble::local,
            std::make_exception_ptr(
                boost::system::system_error(boost::asio::error::operation_aborted)
            )
        };
    }

  private:
    std::shared_ptr<state> shared_;
    lookup by_system_;
    name_key key_;
    std::shared_ptr<bool> launched_ = std::make_shared<bool>(false);
};

struct system_resolver::waiting final : async::waiter {
    waiting(std::shared_ptr<state> shared, std::shared_ptr<seat> mine)
        : shared_(std::move(shared)), seat_(std::move(mine)) {}

    ~waiting() {
        seat_->waits = nullptr;
        returned();
    }

    void begin() override {
        home_ = &at();
        home_->hold();
        seat_->waits = this;
        if (seat_->told)
            wake();
    }

    bool withdraw() noexcept override { return shared_->leave(*seat_); }

    void returned() noexcept {
        if (home_)
            std::exchange(home_, nullptr)->release();
    }

  private:
    std::shared_ptr<state> shared_;
    std::shared_ptr<seat> seat_;
    async::loop* home_ = nullptr; ///< while it waits
};

void system_resolver::state::wake(seat& mine) {
    mine.told = true;
    if (mine.waits)
        mine.waits->wake();
}

system_resolver::system_resolver(
    async::worker_pool& threads,
    const async::clock& time,
    warning warn,
    name_cache::rules rules,
    lookup by_system
)
    : threads_(threads), lookup_(std::move(by_system)),
      state_(std::make_shared<state>(time, rules, std::move(warn))) {
    if (!lookup_)
        lookup_ = [](const std::string& name, family wanted) {
            return net::resolve(name, 0, wanted);
        };
}

system_resolver::~system_resolver() {
    const std::lock_guard lock(state_->mutex);
    state_->time = nullptr;
    for (auto& [key, seats] : state_->waits)
        state_->tell(seats, name_cache::fail{flight::aborted().why});
    state_->waits.clear();
}

task<std::vector<address>>
system_resolver::resolve(std::string name, std::uint16_t port, family wanted) {
    if (const auto literal = resolve_literal(name, port, wanted))
        co_return std::vector<address>{*literal};
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    const name_key key(name, is_ip(wanted) ? wanted : family::none);
    const auto shared = state_;
    const auto mine = std::make_shared<seat>(home);
    const state::leaver leaves{*shared, *mine};
    name_cache::answer got = [&] {
        const std::lock_guard lock(state_->mutex);
        auto first = state_->cache.ask(key, state_->time->now());
        if (std::holds_alternative<name_cache::wait>(first) ||
            std::holds_alternative<name_cache::begin>(first))
            state_->waits[key].push_back(mine);
        return first;
    }();
    if (const auto* begins = std::get_if<name_cache::begin>(&got)) {
        const base::duration limit = begins->limit;
        begin(home, key);
        got = name_cache::wait{limit};
    }
    if (const auto* waits = std::get_if<name_cache::wait>(&got))
        got = co_await wait(mine, key, waits->limit);
    if (const auto* failed = std::get_if<name_cache::fail>(&got))
        std::rethrow_exception(failed->why);
    auto& used = std::get<name_cache::use>(got);
    if (used.age)
        warn(name, *used.age, home.now());
    for (address& each : used.found)
        each.port(port);
    co_return std::move(used.found);
}

// The failure reaches those who wait, the caller among them.
void system_resolver::begin(async::loop& home, const name_key& key) {
    try {
        flight made(state_, lookup_, key);
        const std::shared_ptr<bool> launched = made.launched();
        threads_.hand_over(home, std::move(made));
        *launched = true;
    } catch (...) {
        state_->land(key, current_failure());
    }
}

task<name_cache::answer>
system_resolver::wait(std::shared_ptr<seat> mine, name_key key, base::duration limit) {
    try {
        co_await async::with_timeout(limit, sit(state_, mine));
    } catch (const async::timeout_error&) {
        const std::lock_guard lock(state_->mutex);
        co_return state_->cache.too_late(key, state_->time->now());
    }
    co_return std::move(*mine->got);
}

task<void> system_resolver::sit(std::shared_ptr<state> shared, std::shared_ptr<seat> mine) {
    waiting waits(std::move(shared), std::move(mine));
    co_await waits.suspend("the resolver");
    waits.returned();
    waits.throw_if_cancelled();
}

void system_resolver::warn(const std::string& name, base::duration age, async::time_point now) {
    std::optional<std::uint64_t> unmentioned;
    {
        const std::lock_guard lock(state_->mutex);
        unmentioned = state_->told.note(now.time_since_epoch());
    }
    if (unmentioned && state_->warn)
        state_->warn(fmt::format(
            "the system's resolver does not answer for '{}'; its answer of {} ago is used{}",
            name,
            base::format(std::chrono::floor<std::chrono::seconds>(age)),
            base::once_a_minute::unmentioned(*unmentioned)
        ));
}

} // namespace aio::net
