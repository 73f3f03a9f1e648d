#include <aio/bean/number.hpp>

namespace aio::bean {

void declare_flow(config::schema& schema) {
    schema
        .add(
            "consumers",
            config::type::integer,
            "number of simultaneous consumers; default: that of the class, or 10"
        )
        .within(consumers_range);
    schema
        .add(
            "queue_size",
            config::type::integer,
            "number of items that may wait for a consumer; default: that of the class, or 10"
        )
        .within(queue_size_range);
}

std::size_t number_of(
    const context& context, std::string_view name, std::size_t standard, config::number_range range
) {
    const auto said = config::whole_number(context.options(), name, range);
    return said ? static_cast<std::size_t>(*said) : standard;
}

} // namespace aio::bean
