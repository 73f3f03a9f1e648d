#include <aio/async/hop.hpp>
#include <aio/bean/bean.hpp>
#include <aio/bean/pod.hpp>
#include <aio/bean/settle.hpp>
#include <aio/config/tree.hpp>
#include <aio/service/common.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace aio::bean {

std::shared_ptr<pod> pod::of(service::runtime& app) {
    constexpr const char* name = "aio.pod";
    if (const auto found = app.values().find<std::shared_ptr<pod>>(name))
        return *found;
    auto made = std::make_shared<pod>();
    app.values().set(name, made);
    return made;
}

void pod::add(bean& member) {
    const auto place = std::ranges::upper_bound(all_, member.id(), {}, &bean::id);
    all_.insert(place, &member);
}

void pod::remove(bean& member) noexcept {
    std::erase(all_, &member);
}

bean& pod::find(std::size_t id) const {
    const auto found = std::ranges::find(all_, id, &bean::id);
    if (found == all_.end())
        throw std::out_of_range(fmt::format("there is no bean with id {}", id));
    return **found;
}

std::vector<bean*> pod::labelled(std::string_view label) const {
    std::vector<bean*> found;
    for (bean* each : all_)
        if (each->common().label == label)
            found.push_back(each);
    if (found.empty())
        throw std::out_of_range(fmt::format("there is no bean with label '{}'", label));
    return found;
}

namespace {

task<void> reach(bean& target, signal sent, std::size_t& count) {
    count += co_await async::on(target.loop(), [&target, sent] { return target.deliver(sent); });
}

} // namespace

task<std::size_t> pod::send(std::shared_ptr<pod> target, signal sent, base::list labels) {
    async::loop* here = async::loop::of(co_await boost::asio::this_coro::executor);
    std::size_t count = 0;
    async::task_group calls(*here, "bean");
    co_await settle(calls, [&] {
        for (bean* each : target->all_)
            if (labels.empty() || std::ranges::find(labels, each->common().label) != labels.end())
                calls.spawn("signal " + sent.name(), reach(*each, sent, count));
    });
    co_return count;
}

std::size_t id_of(const service::runtime& app, std::string_view section) {
    std::size_t id = 0;
    for (const config::section* each : app.config().of_kind("bean")) {
        id += service::enabled(*each);
        if (each->name() == section)
            return id;
    }
    return id + 1;
}

} // namespace aio::bean
