#pragma once

// How the micro benchmarks count: a body that does `batch` operations is repeated until the time is
// over; one line of JSON per figure. The same names are printed by the peers' program and by aio's.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace bench {

using clock_type = std::chrono::steady_clock;

/// Seconds to spend on each figure, from `PROGRAM [SECS]`.
inline double secs_of(int argc, char** argv) {
    return argc > 1 ? std::atof(argv[1]) : 0.3;
}

/// Whether a body that loops by itself shall go on; asks the clock once in `batch` turns.
class turns {
  public:
    turns(double secs, std::int64_t batch)
        : batch_(batch), begin_(clock_type::now()),
          end_(
              begin_ +
              std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(secs))
          ) {}

    bool next() {
        if (++done_ % batch_ != 0) {
            return true;
        }
        last_ = clock_type::now();
        return last_ < end_;
    }

    double per_second() const {
        return static_cast<double>(done_) / std::chrono::duration<double>(last_ - begin_).count();
    }

  private:
    std::int64_t batch_;
    std::int64_t done_ = 0;
    clock_type::time_point begin_;
    clock_type::time_point end_;
    clock_type::time_point last_;
};

/// How many emits lie between two looks at the clock: about 1000 deliveries.
inline std::int64_t batch_for(std::size_t listeners) {
    return static_cast<std::int64_t>(listeners >= 1000 ? 1 : 1000 / listeners);
}

inline void print(const std::string& name, double value) {
    std::printf("{\"name\": \"%s\", \"value\": %.6g}\n", name.c_str(), value);
}

} // namespace bench
