#include <aio/process/comeback.hpp>

#include <utility>

namespace aio::process {

comeback::comeback(service::restart policy, service::supervisor_spec supervisor, std::size_t count)
    : policy_(policy), by_(std::move(supervisor)),
      alone_(
          count > 1 && policy != service::restart::never &&
          by_.strategy == service::strategy::one_for_one
      ),
      windows_(count) {
    by_.replacement.clear(); // it replaces a section, not a process
}

fate comeback::on_end(std::size_t index, result how, base::duration now, std::minstd_rand& jitter) {
    fate out;
    if (how == result::success && (!alone_ || policy_ != service::restart::always))
        return out;
    out.what = fate::kind::crash;
    if (!alone_)
        return out;
    const service::verdict said = windows_[index].on_crash(by_, 0, 1, now, jitter);
    if (said.action != service::verdict::kind::restart)
        return out;
    out.what = fate::kind::again;
    out.after = said.after;
    out.count = said.count;
    return out;
}

void comeback::clear() noexcept {
    for (service::restart_window& window : windows_)
        window.clear();
}

} // namespace aio::process
