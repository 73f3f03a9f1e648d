#pragma once

// A server of a section's text without an app around it: planned as the app would, started on a
// loop that the test turns.

#include "../net/certificates.hpp"
#include "../net/fixture.hpp"

#include <aio/async/worker_pool.hpp>
#include <aio/config/load.hpp>
#include <aio/log/record.hpp>
#include <aio/log/tree.hpp>
#include <aio/protocols/registration.hpp>
#include <aio/server/kind.hpp>
#include <aio/server/registration.hpp>
#include <aio/server/server.hpp>
#include <aio/service/runtime.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace support {

struct module_under_test final : aio::protocols::declares, aio::server::declares {
    explicit module_under_test(aio::module::registry& to) : registrar_(to, "test") {}

    aio::module::registrar& registrar() noexcept override { return registrar_; }

    aio::module::registrar registrar_;
};

struct fake_app : loop_under_test, aio::service::runtime {
    fake_app() { watch_log(); }

    explicit fake_app(aio::async::virtual_clock& time) : loop_under_test(time) { watch_log(); }

    void watch_log() {
        logs.set_level("", aio::log::level::debug);
        watching = logs.on_record([this](const aio::log::record& one) {
            const std::lock_guard lock(mutex);
            records.push_back(
                std::string(aio::log::name(one.severity)) + "(" + std::string(one.logger) +
                "): " + std::string(one.message)
            );
        });
    }

    ~fake_app() override {
        for (const auto& one : others)
            one->stop();
        for (std::thread& one : threads)
            one.join();
    }

    /// Further loops, each on its thread.
    void add_loops(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            others.push_back(
                std::make_unique<aio::async::loop>("loop-" + std::to_string(i + 1), i + 1)
            );
            all_loops.push_back(others.back().get());
            threads.emplace_back([at = others.back().get()] { at->run(); });
        }
    }

    bool logged(const std::string& line) {
        const std::lock_guard lock(mutex);
        return std::ranges::find(records, line) != records.end();
    }

    std::size_t logged_with(const std::string& part) {
        const std::lock_guard lock(mutex);
        return static_cast<std::size_t>(std::ranges::count_if(records, [&](const std::string& one) {
            return one.find(part) != std::string::npos;
        }));
    }

    aio::signal::bus& signals() noexcept override { std::terminate(); }

    aio::log::logger& log(std::string_view name) override { return logs.get(name); }

    const aio::config::tree& config() const noexcept override { return tree; }

    void stop_soon() override {}

    aio::service::unit* find(std::string_view) const noexcept override { return nullptr; }

    aio::async::loop& main_loop() noexcept override { return loop; }

    const std::vector<aio::async::loop*>& loops() const noexcept override { return all_loops; }

    aio::async::worker_pool& workers() noexcept override { std::terminate(); }

    aio::async::worker_pool& lookups() noexcept override { return looking_up; }

    void crashed(std::string_view, std::exception_ptr) override { ++crashes; }

    void ended(std::string_view) override {}

    aio::async::worker_pool looking_up{1, "lookup", 10, aio::async::begun_calls::left};
    aio::log::tree logs;
    aio::config::tree tree;
    std::vector<aio::async::loop*> all_loops{&loop};
    std::vector<std::unique_ptr<aio::async::loop>> others;
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::vector<std::string> records;
    aio::log::capture watching;
    std::atomic<int> crashes{0};
};

inline aio::task<void> echo(aio::net::stream s) {
    while (auto data = co_await s.read())
        co_await s.write(data);
}

struct datagram_echo final : aio::net::datagram_protocol {
    void connection_made(aio::net::datagram_transport& by) override { to = &by; }

    void
    datagram_received(std::span<const std::byte> data, const aio::net::address& from) override {
        to->send_to(data, from);
    }

    aio::net::datagram_transport* to = nullptr;
};

struct callback_echo : aio::net::protocol {
    void connection_made(aio::net::transport& by) override { to = &by; }

    void data_received(std::span<const std::byte> data) override { to->write(data); }

    aio::net::transport* to = nullptr;
};

struct server_fixture : fake_app {
    using fake_app::fake_app;

    aio::module::registry items;
    module_under_test module{items};
    aio::base::diagnostics problems;
    std::unique_ptr<aio::service::unit> server;
    bool stopped = false;

    /// The section [server/test] with this body; names are those of `module`: test.echo.
    void plan(
        const std::string& body, aio::config::unknown undeclared = aio::config::unknown::near_error
    ) {
        aio::config::inputs in;
        in.files.emplace_back("t.conf", "[server/test]\n" + body);
        tree = aio::config::merge(in);
        aio::service::planning with;
        with.undeclared = undeclared;
        with.problems = &problems;
        with.resolve = [this](
                           std::string_view kind, const std::string& dotted, aio::base::location at
                       ) -> const aio::module::item* {
            const auto* found = items.find(dotted);
            if (found && found->kind == kind)
                return found;
            problems.error(at, "no " + std::string(kind) + " " + dotted);
            return nullptr;
        };
        const auto planned = aio::server::kind().plan(*tree.find("server/test"), with);
        if (planned)
            server = planned->make(*this, loop);
    }

    void start(const std::string& body) {
        plan(body);
        if (!server)
            throw std::runtime_error(aio::base::render(problems));
        server->prepare();
        run(server->start());
    }

    /// Runs a task to its end; its exception comes out.
    void run(aio::task<void> what) {
        group.spawn("run", std::move(what));
        finish();
    }

    void begin_stop() { server->begin_stop(); }

    void stop() {
        if (!server || stopped)
            return;
        stopped = true;
        begin_stop();
        run(server->wait_stopped());
    }

    std::string endpoint(std::size_t index = 0) const { return server->endpoints().at(index); }

    peer connect(std::size_t index = 0) const { return peer::connect(endpoint(index)); }

    /// Runs the loop while a client acts on a thread of its own; its exception comes out.
    void against(const std::function<void()>& client) {
        std::atomic<bool> done{false};
        std::exception_ptr why;
        std::thread other([&] {
            try {
                client();
            } catch (...) {
                why = std::current_exception();
            }
            done = true;
        });
        try {
            until([&] { return done.load(); });
        } catch (...) {
            other.detach();
            throw;
        }
        other.join();
        if (why)
            std::rethrow_exception(why);
    }

    ~server_fixture() override {
        try {
            stop();
        } catch (const std::exception& e) {
            BOOST_ERROR(std::string("stopping: ") + e.what());
        }
        settle();
        server.reset();
    }
};

} // namespace support
