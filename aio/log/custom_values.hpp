#pragma once

// The options of a module's log handler: written by name in its section, or by place in `args`.
// Pure.

#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/log/argument_reader.hpp>
#include <aio/log/handler_section.hpp>
#include <aio/log/literal.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace aio::log {

/// The schema by which the section is read when `args` gives the first `positional` options: these
/// are not required in the section.
config::schema without_given(const config::schema& declared, std::size_t positional);

/// The texts that `args` gives to secret options, which make all of `args` a secret. Nothing: it
/// gives no secret option.
std::optional<std::vector<std::string>>
secrets_by_place(const config::schema& declared, const literal::tuple& args);

/// The values of all declared options. `wrong` is called for each wrong argument, with its offset.
handler_section::values custom_values(
    const config::schema& declared,
    const config::options& written,
    const literal::tuple& args,
    const argument_report& wrong
);

} // namespace aio::log
