#include "aio.hpp"
#include "measure.hpp"

#include <aio/log/tree.hpp>

namespace bench {

void filtered_log(double secs) {
    constexpr int batch = 10'000;
    aio::log::tree tree;
    auto& log = tree.get("bench.filtered");
    turns batches(secs, 1);
    do {
        for (int i = 0; i < batch; ++i) {
            asm volatile("" : : "r"(i) : "memory"); // as in the empty loop
            log.debug("turn {} of {}", i, batch);
        }
    } while (batches.next());
    print("filtered", 1e9 / batch / batches.per_second());
}

} // namespace bench
