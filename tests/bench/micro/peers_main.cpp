// What stands beside the signals and the log of aio: `micro_peers [SECS]`.

#include "measure.hpp"
#include "peers.hpp"

int main(int argc, char** argv) {
    const double secs = bench::secs_of(argc, argv);
    bench::signals2(secs);
    bench::await_in_turn(secs);
    bench::empty_loop(secs);
    bench::co_spawn(secs);
}
