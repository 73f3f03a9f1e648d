#pragma once

// Collects how late each run of many periodic schedules was, and says it in one line of JSON.
// Used by the Asio peer and by the module that aio runs, so that both are judged by one rule:
// run k of a schedule is due k periods after its first one, whatever the runs before it did.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace bench {

class lateness_log {
  public:
    using clock = std::chrono::steady_clock;

    lateness_log(std::size_t schedules, clock::duration period)
        : period_(period), schedules_(schedules), runs_(schedules) {}

    /// Run number `run` (from 0) of a schedule began at `now`; `due()` is when it should have,
    /// and is asked once for each schedule.
    template <typename Due>
    void add(std::size_t schedule, std::size_t run, Due due, clock::time_point now) {
        auto& known = schedules_.at(schedule);
        auto& late = runs_[schedule];
        if (late.empty()) {
            late.reserve(64);
            known = due() - static_cast<std::int64_t>(run) * period_;
        }
        const auto planned = known + static_cast<std::int64_t>(run) * period_;
        late.push_back(std::chrono::duration<float, std::milli>(now - planned).count());
    }

    /// The figures up to `stop`. Lost: runs that were due by then (50 ms of grace) and never came.
    /// Drift: how much later the last runs were than the first ones, the usual one of a few on each
    /// side, so that a single hiccup of the machine is none.
    std::string report(clock::time_point stop) const {
        std::vector<float> all;
        std::int64_t lost = 0;
        for (std::size_t i = 0; i < runs_.size(); ++i) {
            all.insert(all.end(), runs_[i].begin(), runs_[i].end());
            lost += std::max<std::int64_t>(0, due_by(i, stop) - std::ssize(runs_[i]));
        }
        return text(std::move(all), drift(), lost);
    }

  private:
    std::int64_t due_by(std::size_t schedule, clock::time_point stop) const {
        if (runs_[schedule].empty()) {
            return 1;
        }
        const auto grace = std::chrono::milliseconds(50);
        return (stop - grace - schedules_[schedule]) / period_ + 1;
    }

    double drift() const {
        const auto late = mean_by_run();
        const auto few = std::min<std::ptrdiff_t>(5, std::ssize(late) / 2);
        return usual({late.end() - few, late.end()}) - usual({late.begin(), late.begin() + few});
    }

    /// The mean lateness of the runs number 0, 1, 2 … that every schedule has had.
    std::vector<double> mean_by_run() const {
        std::size_t runs = runs_.empty() ? 0 : runs_.front().size();
        for (const auto& late : runs_) {
            runs = std::min(runs, late.size());
        }
        std::vector<double> mean(runs);
        for (const auto& late : runs_) {
            for (std::size_t run = 0; run < runs; ++run) {
                mean[run] += late[run] / static_cast<double>(runs_.size());
            }
        }
        return mean;
    }

    static double usual(std::vector<double> values) {
        std::sort(values.begin(), values.end());
        return values.empty() ? 0 : values[values.size() / 2];
    }

    static std::string text(std::vector<float> all, double drift, std::int64_t lost) {
        std::sort(all.begin(), all.end());
        const auto at = [&](double part) {
            const auto index = part * static_cast<double>(all.size());
            return all.empty() ? 0.0F
                               : all[std::min(all.size() - 1, static_cast<std::size_t>(index))];
        };
        char line[256];
        std::snprintf(
            line,
            sizeof line,
            R"({"runs": %zu, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, )"
            R"("drift_ms": %.3f, "lost": %lld})",
            all.size(),
            at(0.5),
            at(0.99),
            at(1.0),
            drift,
            static_cast<long long>(lost)
        );
        return line;
    }

    clock::duration period_;
    std::vector<clock::time_point> schedules_;
    std::vector<std::vector<float>> runs_;
};

} // namespace bench
