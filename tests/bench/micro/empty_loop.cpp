#include "measure.hpp"
#include "peers.hpp"

namespace bench {

void empty_loop(double secs) {
    constexpr int batch = 10'000;
    turns batches(secs, 1);
    do {
        for (int i = 0; i < batch; ++i) {
            asm volatile("" : : "r"(i) : "memory"); // keeps the turn, costs nothing
        }
    } while (batches.next());
    print("filtered", 1e9 / batch / batches.per_second());
}

} // namespace bench
