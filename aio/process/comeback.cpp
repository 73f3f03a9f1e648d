#include <aio/process/comeback.hpp>

#include <utility>

namespace aio::process {

comeback::comeback(service::restart policy, service::supervisor_spec by, std::size_t of_many)
    : policy_(policy), by_(std::move(by)), alone_(
                                               of_many > 1 && policy != service::restart::never &&
                                               by_.strategy == service::strategy::one_for_one
                                           ),
      windows_(of_many) {
    by_.replacement.clear(); // takes the place of the section
}

fate comeback::on_end(std::size_t which, bool well, base::duration at, std::minstd_rand& jitter) {
    fate out;
    if (well && (!alone_ || policy_ != service::restart::always))
        return out;
    out.what = fate::kind::crash;
    if (!alone_)
        return out;
    const service::verdict said = windows_[which].on_crash(by_, 0, 1, at, jitter);
    if (said.what != service::verdict::kind::restart)
        return out;
    out.what = fate::kind::again;
    out.after = said.after;
    out.count = said.count;
    return out;
}

void comeback::clear() noexcept {
    for (service::restart_window& one : windows_)
        one.clear();
}

} // namespace aio::process
