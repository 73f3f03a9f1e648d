#include <aio/base/exception.hpp>
#include <aio/base/text.hpp>
#include <aio/signal/backlog.hpp>
#include <aio/signal/bus_state.hpp>
#include <aio/signal/typed.hpp>

#include <algorithm>
#include <iterator>

namespace aio::signal {

listeners::callee::~callee() = default;

namespace {

std::string failures(std::string_view signal, const std::vector<std::exception_ptr>& errors) {
    std::string text = std::to_string(errors.size());
    text += errors.size() == 1 ? " listener of '" : " listeners of '";
    text += signal;
    text += errors.size() == 1 ? "' failed: " : "' failed, first: ";
    text += base::message_of(errors.front());
    return text;
}

std::string left_out(const std::string& signal, std::string_view differs) {
    return "A function that listens to signal '" + signal +
           "' is left out: it listens already, "
           "with another " +
           std::string(differs) +
           " (give each listener an object of its own, such "
           "as a lambda with a capture)";
}

std::vector<std::string> at_work(const std::vector<std::shared_ptr<backlog>>& queues) {
    std::vector<std::string> all;
    for (const auto& queue : queues) {
        if (!queue->busy())
            continue;
        const std::size_t left = queue->statistics().length;
        all.push_back(
            std::to_string(left) + (left == 1 ? " event for " : " events for ") + queue->title() +
            ", which is at work"
        );
    }
    return all;
}

} // namespace

emit_error::emit_error(
    std::string_view signal, std::vector<std::any> results, std::vector<std::exception_ptr> errors
)
    : std::runtime_error(failures(signal, errors)),
      results_(std::make_shared<const std::vector<std::any>>(std::move(results))),
      errors_(std::make_shared<const std::vector<std::exception_ptr>>(std::move(errors))) {}

bus::bus(async::loop& home, error_log log)
    : state_(std::make_unique<state>(home, std::move(log))) {}

bus::~bus() = default;

subscription bus::listen(std::string_view name, listener function, listen_options options) {
    auto one = std::make_shared<record>();
    one->name = base::lower_ascii(name);
    one->callee = function.target();
    one->identity = function.identity();
    one->loop = options.loop ? options.loop : &state_->home;
    one->options = std::move(options);
    std::unique_lock lock(state_->mutex);
    if (const record* const same = state_->known.find_same(*one)) {
        const subscription first = same->id;
        const std::string_view differs = difference(*same, *one);
        lock.unlock();
        if (!differs.empty() && state_->log)
            state_->log(left_out(one->name, differs), nullptr);
        return first;
    }
    state_->changed();
    if (one->options.queue > 0) {
        one->queue = std::make_shared<backlog>(
            one->callee,
            *one->loop,
            one->options,
            one->name,
            state_->log,
            state_->known.counted(one->name)
        );
        one->callee = one->queue;
        state_->queues.add(one->queue);
    }
    return state_->known.add(std::move(one));
}

bool bus::unlisten(std::string_view name, const listener& function) {
    return unlisten(name, function.identity());
}

bool bus::unlisten(std::string_view name, const void* identity) {
    return state_->unlisten([&](table& known) { return known.remove(name, identity); });
}

bool bus::unlisten(subscription id) {
    return state_->unlisten([&](table& known) { return known.remove(id); });
}

std::size_t bus::listeners(std::string_view name) const {
    const auto to = state_->find(name);
    return to ? to->seats.size() : 0;
}

std::vector<signal_statistics> bus::statistics() const {
    state_->recent.settle();
    const std::lock_guard lock(state_->mutex);
    std::vector<signal_statistics> all = state_->known.statistics();
    for (const state::included& typed : state_->typed)
        if (const auto alive = typed.signal.lock()) {
            all.push_back(alive->statistics());
            all.back().name = typed.name;
        }
    std::ranges::sort(all, {}, &signal_statistics::name);
    return all;
}

void bus::include(std::string name, std::weak_ptr<const hub> typed) {
    const std::lock_guard lock(state_->mutex);
    state_->typed.add({std::move(name), std::move(typed)});
}

std::vector<std::string> bus::names() const {
    const std::lock_guard lock(state_->mutex);
    return state_->known.names();
}

std::vector<std::string> bus::unfinished() const {
    std::vector<std::string> all;
    if (const std::size_t posts = state_->posted.size(); posts > 0)
        all.push_back(std::to_string(posts) + " signals that were posted");
    std::ranges::move(at_work(state_->all_queues()), std::back_inserter(all));
    return all;
}

std::vector<std::string> bus::cancel_queues() {
    const auto all = state_->all_queues();
    std::vector<std::string> cut_off = at_work(all);
    for (const auto& queue : all)
        queue->cancel();
    return cut_off;
}

void bus::convert(std::type_index type, converter how) {
    const std::lock_guard lock(state_->mutex);
    state_->converters.insert_or_assign(type, std::move(how));
}

std::optional<std::string> bus::to_json(const std::any& data) const {
    if (!data.has_value())
        return "null";
    std::function<std::string(const std::any&)> how;
    {
        const std::lock_guard lock(state_->mutex);
        const auto found = state_->converters.find(data.type());
        if (found == state_->converters.end())
            return std::nullopt;
        how = found->second.to_json;
    }
    return how(data);
}

std::optional<std::any> bus::from_json(std::string_view type, std::string_view text) const {
    std::function<std::any(std::string_view)> how;
    {
        const std::lock_guard lock(state_->mutex);
        const auto found = std::ranges::find_if(state_->converters, [&](const auto& known) {
            return known.second.type == type;
        });
        if (found == state_->converters.end())
            return std::nullopt;
        how = found->second.from_json;
    }
    return how(text);
}

} // namespace aio::signal
