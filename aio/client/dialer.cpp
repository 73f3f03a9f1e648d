#include <aio/async/aborted.hpp>
#include <aio/async/loop.hpp>
#include <aio/base/mistake.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/client/dialer.hpp>
#include <aio/client/dialing_point.hpp>
#include <aio/config/tree.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/stream_core.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace aio::client {

namespace {

constexpr std::string_view prefix = "client/";

[[noreturn]] void no_section(const service::runtime& app, const std::string& section) {
    std::vector<std::string> names;
    for (const config::section* each : app.config().of_kind("client"))
        names.emplace_back(std::string_view(each->name()).substr(prefix.size()));
    const bool there = app.config().find(section) != nullptr;
    const std::string hint = there ? "" : base::did_you_mean(section.substr(prefix.size()), names);
    throw base::mistake(fmt::format(
        "{} [{}]{}{}",
        there ? "not enabled:" : "there is no",
        base::visible(section, base::layout::one_line),
        hint.empty() ? "" : "; ",
        hint
    ));
}

} // namespace

dialer dialer::of(const service::runtime& app, std::string_view name) {
    const std::string section =
        name.starts_with(prefix) ? std::string(name) : std::string(prefix) + std::string(name);
    auto point = app.directory().find<std::shared_ptr<dialing_point>>(section);
    if (!point)
        no_section(app, section);
    return dialer(std::move(point));
}

task<net::stream> dialer::connect() const {
    const auto point = point_;
    const aio::client::spec& spec = point->plan->spec;
    if (net::is_datagram(spec.transport))
        throw std::logic_error(fmt::format("[{}] makes no streams", spec.common.section));
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    const std::size_t first = point->first;
    std::exception_ptr why;
    for (std::size_t i = 0; i < spec.targets.size(); ++i) {
        if (point->stopped)
            throw base::system_failure::in_words(
                ECANCELED, fmt::format("{} is stopped", spec.common.section)
            );
        const std::size_t which = (first + i) % spec.targets.size();
        const async::time_point begun = home.now();
        point->counted.attempt();
        try {
            net::stream made = co_await net::connect(spec.targets[which], spec.how);
            point->counted.connected(home.now() - begun, made.resumed());
            net::count(made, point->counted.traffic_of(home));
            point->first = which;
            co_return made;
        } catch (...) {
            why = std::current_exception();
        }
        if (async::is_aborted(why))
            break;
        point->counted.failed(failure_of(why));
    }
    std::rethrow_exception(why);
}

} // namespace aio::client
