#include "measure.hpp"
#include "peers.hpp"

#include <boost/signals2/signal.hpp>

namespace bench {

namespace {

double emits_per_second(std::size_t listeners, double secs) {
    std::int64_t count = 0;
    boost::signals2::signal<void(int)> signal;
    for (std::size_t i = 0; i < listeners; ++i) {
        signal.connect([&count](int value) { count += value; });
    }
    turns emits(secs, batch_for(listeners));
    do {
        signal(1);
    } while (emits.next());
    return count != 0 ? emits.per_second() : 0;
}

} // namespace

void signals2(double secs) {
    for (const std::size_t listeners : {1, 10, 1000}) {
        print("plain/" + std::to_string(listeners), emits_per_second(listeners, secs));
    }
}

} // namespace bench
