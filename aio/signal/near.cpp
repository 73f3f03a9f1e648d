#include <aio/signal/near.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace aio::signal {

void lately::keep(
    std::string_view name, std::uint64_t version, std::shared_ptr<const audience> to
) {
    slot& one = slots_[place(name)];
    if (one.to && one.to != to && one.to->pins > 0) {
        one.to->retired = true;
        retired_.push_back(one.to);
    }
    one.name = name;
    one.version = version;
    one.to = std::move(to);
}

// The same list may still stand in a slot; then it only loses its second reference.
void lately::unpin(const audience& one) noexcept {
    one.retired = false;
    std::erase_if(retired_, [&](const auto& other) { return other.get() == &one; });
}

task<std::vector<std::any>> emit_near(pinned of, const bus::error_log& log, std::any data) {
    const audience& to = *of;
    std::vector<std::any> results(to.results);
    const event what(to.name, data, to.nobody);
    const sending all{to, what, nullptr, log, results};
    near_emission one(all, *to.loops.front());
    if (!one.run(to.seats.size()))
        co_await one.suspend("emit");
    if (one.aborted())
        throw boost::system::system_error(
            boost::asio::error::make_error_code(boost::asio::error::operation_aborted)
        );
    one.throw_if_failed();
    co_return std::move(results);
}

} // namespace aio::signal
