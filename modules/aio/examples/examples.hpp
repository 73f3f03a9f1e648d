#pragma once

#include <aio/module.hpp>

#include <string>

namespace examples {

aio::task<void> tick(aio::scheduled_event event);
void print(aio::signal_event event);
int hello(aio::command_event event);

aio::task<void> echo(aio::stream stream);
aio::task<void> ping(aio::stream stream, aio::client_context context);
std::unique_ptr<aio::server_handle> adder_factory(aio::server_builder build);

} // namespace examples
