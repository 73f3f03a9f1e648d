// What S11 and S13 run: services that wait until they are stopped, services that crash again and
// again, one that notes how late its loop is, and listeners that say it all at the end.
#include "../lateness.hpp"

#include <aio/module.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace {

using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;

double ms(clock_type::duration of) {
    return std::chrono::duration<double, std::milli>(of).count();
}

// One process measures one app: the module may keep its figures here.
struct figures {
    clock_type::time_point made{}, starting{}, started{}, stopping{}; // of the idle ones
    std::int64_t starts = 0, early = 0;                               // of the crashing ones
    bench::lateness_log late{1, 1ms};
};

figures& all() {
    static figures one;
    return one;
}

void say_life(clock_type::time_point stopped) {
    const figures& of = all();
    std::printf(
        "{\"make_ms\": %.3f, \"start_ms\": %.3f, \"stop_ms\": %.3f}\n",
        ms(of.starting - of.made),
        ms(of.started - of.starting),
        ms(stopped - of.stopping)
    );
    std::fflush(stdout);
}

// The same body as the peer's coroutines.
struct idle : aio::service_base {
    idle() {
        if (all().made == clock_type::time_point{})
            all().made = clock_type::now();
    }

    aio::task<void> on_start() override {
        spawn("wait", aio::sleep(24h));
        co_return;
    }
};

void starting(aio::signal_event) {
    all().starting = clock_type::now();
}

void started(aio::signal_event event) {
    all().started = clock_type::now();
    event.app().stop_soon();
}

void stopping(aio::signal_event) {
    all().stopping = clock_type::now();
}

void stopped(aio::signal_event) {
    say_life(clock_type::now());
}

// The same many as children that are added while it runs.
struct family : aio::service_base {
    struct member : idle {
        family& of;

        explicit member(family& of_) : of(of_) {}

        aio::task<void> on_started() override {
            if (++of.grown_ == of.size_)
                of.complete_.set();
            co_return;
        }
    };

    aio::task<void> on_started() override {
        size_ = context().option<std::int64_t>("count");
        spawn("grow", grow());
        co_return;
    }

    aio::task<void> grow() {
        figures& into = all();
        into.made = into.starting = clock_type::now();
        for (std::int64_t i = 0; i < size_; ++i)
            add_child(std::make_unique<member>(*this), "c" + std::to_string(i));
        co_await complete_.wait();
        into.started = clock_type::now();
        context().app().stop_soon();
    }

    aio::task<void> on_stop() override {
        all().stopping = clock_type::now();
        co_return;
    }

    aio::task<void> on_shutdown() override {
        say_life(clock_type::now());
        co_return;
    }

    aio::event complete_;
    std::int64_t size_ = 0;
    std::int64_t grown_ = 0;
};

// Back before `least`, or in its later restarts before twice that, is early.
struct crashing : aio::service_base {
    aio::task<void> on_start() override {
        const auto away = clock_type::now() - crashed_;
        const auto least = context().option<aio::duration>("least") * (restarts() > 1 ? 2 : 1);
        ++all().starts;
        all().early += restarts() && away < least;
        spawn("crash", fail());
        co_return;
    }

    aio::task<void> fail() {
        co_await aio::sleep(1ms);
        crashed_ = clock_type::now();
        throw std::runtime_error("boom");
    }

    clock_type::time_point crashed_{};
};

struct pulse : aio::service_base {
    aio::task<void> on_start() override {
        spawn("beat", beat());
        co_return;
    }

    aio::task<void> beat() {
        auto due = clock_type::now();
        for (std::size_t run = 0;; ++run) {
            due += 1ms;
            if (due > clock_type::now())
                co_await aio::sleep_until(due);
            all().late.add(0, run, [&] { return due; }, clock_type::now());
        }
    }

    aio::task<void> on_stop() override {
        const auto now = clock_type::now();
        std::puts(all().late.report(now).c_str());
        std::printf(
            "{\"starts\": %lld, \"early\": %lld}\n",
            static_cast<long long>(all().starts),
            static_cast<long long>(all().early)
        );
        std::fflush(stdout);
        co_return;
    }
};

} // namespace

AIO_MODULE(bench.services) {
    module.service<idle>("idle");
    module.service<family>("family").option("count", 10000, "children that are added");
    module.service<crashing>("crashing")
        .option("least", 500ms, "the first restart before it is early, others before twice that");
    module.service<pulse>("pulse");
    module.listener("starting", starting);
    module.listener("started", started);
    module.listener("stopping", stopping);
    module.listener("stopped", stopped);
}
