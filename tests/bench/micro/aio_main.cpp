// The signals, the log and the tasks of aio, by the same names as micro_peers prints: `micro_aio
// [SECS]`.

#include "aio.hpp"
#include "measure.hpp"

int main(int argc, char** argv) {
    const double secs = bench::secs_of(argc, argv);
    bench::filtered_log(secs);
    bench::emit_signals(secs);
    bench::spawn_tasks(secs);
}
