#include <aio/client/statistics.hpp>
#include <aio/net/error.hpp>

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <string>
#include <system_error>

namespace aio::client {

namespace {

failure failure_of_number(int number) noexcept {
    switch (number) {
    case ECONNREFUSED:
    case ENOENT: // a unix socket that is not there
        return failure::refused;
    case ETIMEDOUT:
        return failure::timeout;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
        return failure::unreachable;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return failure::reset;
    case EKEYREJECTED:
    case ENOKEY:
    case EPROTO:
        return failure::handshake;
    default:
        return failure::other;
    }
}

failure failure_of_code(const std::error_code& code) noexcept {
    if (code.category() == net::resolver_category())
        return failure::name;
    if (code.category() == net::tls_category())
        return failure::handshake;
    if (code == net::errc::idle || code == net::errc::handshake_timeout)
        return failure::timeout;
    if (code == net::errc::stopping)
        return failure::ended;
    if (code == net::errc::unexpected_end || code == net::errc::truncated)
        return failure::reset;
    if (code.category() == std::system_category() || code.category() == std::generic_category())
        return failure_of_number(code.value());
    return failure::other;
}

constexpr std::string_view counted_as[failure_kinds] = {
    "refused", "timeout", "unreachable", "name", "handshake", "reset", "ended", "other"
};

} // namespace

failure failure_of(const std::exception_ptr& why) noexcept {
    if (!why)
        return failure::ended;
    try {
        std::rethrow_exception(why);
    } catch (const std::system_error& e) {
        return failure_of_code(e.code());
    } catch (const boost::system::system_error& e) {
        return failure_of_code(e.code());
    } catch (...) {
        return failure::other;
    }
}

std::string_view describe(failure why) noexcept {
    switch (why) {
    case failure::refused:
        return "refused";
    case failure::timeout:
        return "timed out";
    case failure::unreachable:
        return "unreachable";
    case failure::name:
        return "name not resolved";
    case failure::handshake:
        return "no handshake";
    case failure::reset:
        return "reset";
    case failure::ended:
        return "ended";
    case failure::other:
        break;
    }
    return "failed";
}

std::shared_ptr<net::traffic> counts::traffic_of(const async::loop& home) {
    const std::lock_guard lock(guard_);
    auto& found = asked_[&home];
    if (!found)
        found = std::make_shared<net::traffic>();
    return found;
}

std::vector<service::statistic> counts::statistics() const {
    const auto value = [](const counter& sum) {
        return static_cast<double>(sum.load(std::memory_order_relaxed));
    };
    double received = value(traffic.received);
    double sent = value(traffic.sent);
    {
        const std::lock_guard lock(guard_);
        for (const auto& [loop, each] : asked_) {
            received += value(each->received);
            sent += value(each->sent);
        }
    }
    std::vector<service::statistic> out{
        {"connections", value(open_)},
        {"attempts", value(attempts_)},
        {"connected", value(connected_)},
        {"connect_seconds", value(connect_time_) / 1e9},
        {"received", received},
        {"sent", sent}
    };
    if (const double count = value(resumed_); count != 0)
        out.push_back({"resumed", count});
    for (std::size_t i = 0; i < failure_kinds; ++i)
        if (const double count = value(failed_[i]); count != 0)
            out.push_back({"failed_" + std::string(counted_as[i]), count});
    return out;
}

} // namespace aio::client
