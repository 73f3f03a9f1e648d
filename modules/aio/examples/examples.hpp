#pragma once

#include <aio/module.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace examples {

aio::task<void> tick(aio::scheduled_event event);
void print(aio::signal_event event);
int hello(aio::command_event event);

aio::task<void> echo(aio::stream stream);
aio::task<void> adder(aio::stream stream);
std::unique_ptr<aio::server_handle> adder_factory(aio::server_builder build);

/// The sum of "2 + 2 + 3"; nothing for a line that is not whole numbers with a plus between them.
std::optional<long long> sum(std::string_view line);

} // namespace examples
