#include <aio/async/hop.hpp>
#include <aio/bean/bean.hpp>
#include <aio/bean/context.hpp>
#include <aio/bean/kind.hpp>
#include <aio/config/tree.hpp>
#include <aio/service/common.hpp>

namespace aio::bean {

namespace {

neighbour seen(const bean& other) {
    neighbour out;
    out.id = other.id();
    out.name = other.short_name();
    out.label = other.common().label;
    out.running = other.running();
    return out;
}

std::vector<neighbour> seen(const std::vector<bean*>& all) {
    std::vector<neighbour> out;
    for (const bean* each : all)
        out.push_back(seen(*each));
    return out;
}

} // namespace

std::size_t context::id() const noexcept {
    return bean_->id();
}

const std::string& context::label() const noexcept {
    return bean_->common().label;
}

async::loop& context::loop() const noexcept {
    return bean_->loop();
}

std::map<std::string, std::string> context::arguments() const {
    std::map<std::string, std::string> out;
    const config::section* from = config().find(section());
    if (!from)
        return out;
    for (const config::value& each : from->values())
        if (!each.inherited && !kind().options().find(each.name) &&
            !service::common_options().find(each.name))
            out.emplace(each.name, each.text);
    return out;
}

std::vector<neighbour> context::beans() const {
    return seen(bean_->in()->all());
}

std::vector<neighbour> context::beans(std::string_view label) const {
    return seen(bean_->in()->labelled(label));
}

neighbour context::find(std::size_t id) const {
    return seen(bean_->in()->find(id));
}

task<void> context::wait(std::size_t id) const {
    bean& other = bean_->in()->find(id);
    co_await async::on(other.loop(), [&other] { return other.wait_ended(); });
}

task<void> context::wait(std::string label) const {
    for (bean* each : bean_->in()->labelled(label))
        co_await async::on(each->loop(), [each] { return each->wait_ended(); });
}

std::uint64_t context::at(stop_moment moment, std::function<void()> f) const {
    return bean_->at(moment, std::move(f));
}

server::tally& context::counted() const {
    return bean_->counted();
}

server::kept_sockets& context::kept() const noexcept {
    return bean_->kept();
}

std::uint64_t context::add_handler(std::string name, handler call) const {
    return bean_->add_handler(std::move(name), std::move(call));
}

bool context::remove_signal_handler(std::uint64_t number) const {
    return bean_->remove_handler(number);
}

task<std::size_t> context::send(signal sent, base::list labels) const {
    return pod::send(bean_->in(), std::move(sent), std::move(labels));
}

} // namespace aio::bean
