#include <aio/server/tally.hpp>

namespace aio::server {

void tally::follow(const handle* current) {
    if (now_) {
        accepted_ += now_->accepted();
        received_ += now_->received();
        sent_ += now_->sent();
        for (const service::statistic& each : now_->refused())
            refused_[each.name] += each.value;
    }
    now_ = current;
}

std::vector<service::statistic> tally::statistics() const {
    tally all = *this;
    all.follow(nullptr);
    std::vector<service::statistic> out{
        {"connections", static_cast<double>(now_ ? now_->connections() : 0)},
        {"accepted", static_cast<double>(all.accepted_)},
        {"received", static_cast<double>(all.received_)},
        {"sent", static_cast<double>(all.sent_)}
    };
    for (const auto& [name, value] : all.refused_)
        out.push_back({name, value});
    return out;
}

} // namespace aio::server
