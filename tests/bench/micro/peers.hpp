#pragma once

namespace bench {

void signals2(double secs);      ///< emits a second through boost::signals2
void await_in_turn(double secs); ///< emits a second by awaiting Asio coroutines one after the other
void empty_loop(double secs);    ///< nanoseconds a turn of a loop that does nothing
void co_spawn(double secs);      ///< nanoseconds a spawn by Asio

} // namespace bench
