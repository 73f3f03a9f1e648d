#include <aio/bean/number.hpp>

namespace aio::bean {

namespace {

void declare(
    config::schema& to, std::string_view name, config::number_range range, std::string_view help
) {
    to.add(name, config::type::integer, help)
        .least(static_cast<double>(range.least))
        .most(static_cast<double>(range.most));
}

} // namespace

void declare_flow(config::schema& to) {
    declare(
        to, "consumers", consumers_range, "so many consume at a time; 10, or what the class says"
    );
    declare(
        to,
        "queue_size",
        queue_size_range,
        "so many items wait at most for a consumer; 10, or what the class says"
    );
}

std::size_t number_of(
    const context& given, std::string_view name, std::size_t standard, config::number_range range
) {
    const auto said = config::whole_number(given.options(), name, range);
    return said ? static_cast<std::size_t>(*said) : standard;
}

} // namespace aio::bean
