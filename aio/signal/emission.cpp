#include <aio/signal/emission.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <stdexcept>

namespace aio::signal {

/// The part of an emit that happens on another loop.
class emission::away final : public delivery, public std::enable_shared_from_this<away> {
  public:
    away(emission& owner, async::loop& target)
        : delivery(owner.what(), target, place::away), of_(&owner), home_(owner.here()),
          to_(owner.to_) {}

    // Carries the delivery to the other loop. If that loop ends first, the emit is told.
    struct ticket {
        std::shared_ptr<away> what;

        explicit ticket(std::shared_ptr<away> what_) : what(std::move(what_)) {}

        ticket(ticket&&) = default;
        ticket& operator=(ticket&&) = default;

        ~ticket() {
            if (what)
                what->lost();
        }

        void operator()() {
            const auto one = std::move(what);
            const bool over = one->run(one->to_->seats.size());
            one->count();
            if (over)
                one->completed();
        }
    };

    bool holds = false;

    /// At home: the emit ends before this has come back.
    void abandon() noexcept { wanted_ = false; }

    void travel() { here().post(ticket(shared_from_this())); }

    void cancel_there(boost::asio::cancellation_type how) {
        if (gone_)
            return;
        here().post([self = shared_from_this(), how] { self->cancel_listeners(how); });
    }

  private:
    void completed() noexcept override {
        if (wanted_)
            home_.post([self = shared_from_this()] {
                if (self->wanted_)
                    self->of_->arrived(*self);
            });
    }

    bool wanted() const noexcept override { return wanted_; }

    task<void> carried(task<void> work) override {
        return carry(shared_from_this(), std::move(work));
    }

    // When the loop ends before a listener has completed, ended() is not called. Until then the
    // listeners keep this object, also when the emit has ended.
    static task<void> carry(std::shared_ptr<away> self, task<void> work) {
        struct leaving {
            away& of;
            bool over = false;

            ~leaving() {
                if (!over)
                    of.ended_with_loop();
            }
        } on_leave{*self};

        std::exception_ptr why;
        try {
            co_await std::move(work);
        } catch (...) {
            why = std::current_exception();
        }
        on_leave.over = true;
        if (why)
            std::rethrow_exception(why);
    }

    void ended_with_loop() noexcept {
        forget();
        if (!gone_.exchange(true))
            lost();
    }

    void lost() noexcept {
        errors.emplace_back(
            0, std::make_exception_ptr(std::runtime_error("the loop of a listener has ended"))
        );
        completed();
    }

    emission* of_;
    std::atomic<bool> wanted_{true};
    std::atomic<bool> gone_{false}; ///< the loop over there
    async::loop& home_;
    std::shared_ptr<const audience> to_;
};

emission::~emission() {
    for (const auto& away : away_)
        away->abandon();
}

bool emission::start() {
    leave_out_others();
    for (async::loop* there : to_->loops) {
        if (!there || there == &here() || !is_meant_for(*there))
            continue;
        away_.push_back(std::make_shared<away>(*this, *there));
        away_.back()->holds = here().hold_for(*there);
        away_.back()->travel();
    }
    open_ = away_.size();
    const bool over = run(to_->seats.size());
    open_ += !over;
    what().listeners.counts->emits.fetch_add(1, std::memory_order_relaxed);
    count();
    return open_ == 0;
}

void emission::completed() noexcept {
    one_less();
}

void emission::arrived(away& from) noexcept {
    if (from.holds)
        here().release();
    errors.insert(errors.end(), from.errors.begin(), from.errors.end());
    one_less();
}

void emission::one_less() noexcept {
    if (--open_ == 0)
        wake();
}

// The listeners are cancelled, and waited for.
bool emission::withdraw() noexcept {
    const auto kind = how();
    if (kind == boost::asio::cancellation_type::none)
        return false;
    aborted_ = true;
    cancel_listeners(kind);
    for (const auto& away : away_)
        away->cancel_there(kind);
    return false;
}

/// Also those on loops that are not asked at all.
void emission::leave_out_others() noexcept {
    if (!what().label)
        return;
    for (std::size_t seat = 0; seat < to_->seats.size(); ++seat) {
        const std::uint32_t place = to_->seats[seat].result;
        if (place != audience::nothing && !to_->records[seat]->hears(what().label, what().sender))
            what().results[place] = uncalled{};
    }
}

/// Whether a listener on that loop may hear it: a loop without listeners is not waited for.
bool emission::is_meant_for(const async::loop& target) const noexcept {
    return std::ranges::any_of(to_->records, [&](const auto& listens) {
        return listens->loop == &target && listens->hears(what().label, what().sender);
    });
}

void emission::check() {
    drop_uncalled(what().results);
    if (aborted_)
        throw boost::system::system_error(
            boost::asio::error::make_error_code(boost::asio::error::operation_aborted)
        );
    throw_if_failed();
}

} // namespace aio::signal
