#pragma once

// A warm-up and the window after it. The server's processor time and the work done are read at
// both ends of the window, by the one who makes the load, so that both belong to the same time.

#include "clock.hpp"
#include "json_line.hpp"
#include "options.hpp"

#include <stdexcept>

namespace bench {

class window {
  public:
    explicit window(const options& asked)
        : server_(asked.server), end_(now() + from_seconds(asked.warmup)),
          length_(from_seconds(asked.secs)) {}

    bool measuring() const { return measuring_; }

    /// To be asked often, with the operations done since the start: false once the window is over.
    bool open(std::int64_t done) {
        const nanoseconds time = now();
        check_progress(time, done);
        if (time < end_) {
            return true;
        }
        if (!measuring_) {
            measuring_ = true;
            begin_ = {time, cpu_time(server_), done};
            end_ = time + length_;
            return true;
        }
        last_ = {time, cpu_time(server_), done};
        return false;
    }

    /// The headline (operations per second of the server's processor time, or per second without a
    /// server to watch) and what it is made of.
    json_line result() const {
        const auto done = static_cast<double>(last_.done - begin_.done);
        const double wall = seconds(last_.time - begin_.time);
        const double cpu = seconds(last_.cpu - begin_.cpu);
        json_line line;
        line.add("value", done / (server_ != 0 ? cpu : wall))
            .add("ops_per_s", done / wall)
            .add("cpu_share", cpu / wall)
            .add("secs", wall);
        return line;
    }

  private:
    struct reading {
        nanoseconds time = 0;
        nanoseconds cpu = 0;
        std::int64_t done = 0;
    };

    void check_progress(nanoseconds time, std::int64_t done) {
        constexpr nanoseconds patience = 5'000'000'000;
        if (done != progress_.done || progress_.time == 0) {
            progress_ = {time, 0, done};
        } else if (time - progress_.time > patience) {
            throw std::runtime_error("the server has not answered for 5 s");
        }
    }

    pid_t server_;
    nanoseconds end_;
    nanoseconds length_;
    bool measuring_ = false;
    reading begin_;
    reading last_;
    reading progress_;
};

} // namespace bench
