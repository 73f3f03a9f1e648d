#pragma once

// Services of the user's on loops of their own, on threads or simulated by a seed: each notes which
// of its hooks is called.

#include "garden.hpp"

#include <mutex>

namespace test {

/// Loops on threads, or simulated by a seed; each says what happens to it, from any thread.
struct field {
    explicit field(std::uint64_t seed = 0) {
        if (seed != 0)
            time = std::make_unique<aio::async::virtual_clock>(seed);
        main = time ? std::make_unique<aio::async::loop>("main", 0, *time)
                    : std::make_unique<aio::async::loop>("main", 0);
        app = std::make_unique<noting_app>(*main);
    }

    std::unique_ptr<aio::async::virtual_clock> time;
    std::unique_ptr<aio::async::loop> main;
    std::unique_ptr<noting_app> app;
    std::mutex guard;
    std::vector<std::string> noted;

    void note(std::string what) {
        const std::lock_guard lock(guard);
        noted.push_back(std::move(what));
    }

    std::string notes() {
        const std::lock_guard lock(guard);
        return aio::base::join(std::exchange(noted, {}), ", ");
    }

    void place(aio::service::service& root) { test::place(root, "P", *app, *main); }

    template <typename F>
    void run(F f) {
        test::run(*main, std::move(f));
    }
};

struct crop : noting_service<crop, field> {
    using noting_service::noting_service;

    crop& own_child(const std::string& name) {
        return add_child(std::make_unique<crop>(in, name), name, aio::service::own_loop);
    }
};

struct head : crop {
    explicit head(field& in_) : crop(in_, "P") { in_.place(*this); }
};

} // namespace test
