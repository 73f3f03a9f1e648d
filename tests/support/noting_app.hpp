#pragma once

// An app that only notes what it is told: for tests of what runs inside one.

#include <aio/async/loop.hpp>
#include <aio/config/tree.hpp>
#include <aio/log/logger.hpp>
#include <aio/service/runtime.hpp>
#include <aio/signal/bus.hpp>

#include <fmt/format.h>

#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test {

class noted_log final : public aio::log::logger {
  public:
    noted_log(std::string name, std::vector<std::string>& lines, std::mutex& writing)
        : logger(std::move(name)), lines_(lines), writing_(writing) {}

    logger& child(std::string_view) override { return *this; }

  protected:
    void write(aio::log::level severity, fmt::string_view format, fmt::format_args args) override {
        const std::lock_guard lock(writing_);
        lines_.push_back(fmt::format(
            "{} {} {}",
            severity == aio::log::level::critical  ? "CRITICAL"
            : severity == aio::log::level::error   ? "ERROR"
            : severity == aio::log::level::warning ? "WARNING"
                                                   : "INFO",
            name(),
            fmt::vformat(format, args)
        ));
    }

  private:
    std::vector<std::string>& lines_;
    std::mutex& writing_;
};

/// A loop that runs beside another one: on a thread, or along with it under a simulation.
class running_loop {
  public:
    running_loop(const aio::async::loop& beside, std::string name, std::size_t index)
        : loop_(beside.beside(std::move(name), index)) {
        if (!loop_->run_along([](std::exception_ptr) {}))
            thread_ = std::thread([this] { loop_->run(); });
    }

    ~running_loop() {
        loop_->stop();
        if (thread_.joinable())
            thread_.join();
    }

    aio::async::loop& loop() const noexcept { return *loop_; }

  private:
    std::unique_ptr<aio::async::loop> loop_;
    std::thread thread_;
};

class noting_app final : public aio::service::runtime {
  public:
    explicit noting_app(aio::async::loop& at)
        : bus(at, [this](const std::string& line, auto&) { log("aio").error("{}", line); }),
          loop_(at), loops_{&at} {}

    aio::signal::bus& signals() noexcept override { return bus; }

    aio::log::logger& log(std::string_view name) override {
        const std::lock_guard lock(writing_);
        auto& one = loggers_[std::string{name}];
        if (!one)
            one = std::make_unique<noted_log>(std::string{name}, lines, writing_);
        return *one;
    }

    const aio::config::tree& config() const noexcept override { return tree; }

    void stop_soon() override {}

    bool stopping() const noexcept override { return stops; }

    aio::service::unit* find(std::string_view) const noexcept override { return nullptr; }

    aio::async::loop& main_loop() noexcept override { return loop_; }

    const std::vector<aio::async::loop*>& loops() const noexcept override { return loops_; }

    aio::async::worker_pool& workers() noexcept override { std::terminate(); }

    aio::async::worker_pool& lookups() noexcept override { std::terminate(); }

    aio::task<std::shared_ptr<aio::async::loop>> open_loop(std::string name) override {
        const std::lock_guard lock(writing_);
        opened_.push_back(std::make_unique<running_loop>(loop_, std::move(name), opened_.size() + 1)
        );
        aio::async::loop& made = opened_.back()->loop();
        co_return std::shared_ptr<aio::async::loop>(std::shared_ptr<void>(), &made);
    }

    void ended(std::string_view unit) override { ends.emplace_back(unit); }

    void crashed(std::string_view service, std::exception_ptr why) override {
        if (refuse_a_crash && std::exchange(refuse_a_crash, false))
            throw std::runtime_error("no room for a crash");
        try {
            std::rethrow_exception(why);
        } catch (const std::exception& e) {
            crashes.push_back(std::string{service} + ": " + e.what());
        }
    }

    std::size_t logged(std::string_view part) const {
        const std::lock_guard lock(writing_);
        std::size_t count = 0;
        for (const std::string& line : lines)
            count += line.find(part) != line.npos;
        return count;
    }

    aio::signal::bus bus;
    aio::config::tree tree;
    std::vector<std::string> lines;
    std::vector<std::string> crashes;
    std::vector<std::string> ends;
    bool refuse_a_crash = false; ///< the next one: it throws
    bool stops = false;

  private:
    aio::async::loop& loop_;
    std::vector<aio::async::loop*> loops_;
    mutable std::mutex writing_;
    std::map<std::string, std::unique_ptr<noted_log>> loggers_;
    std::vector<std::unique_ptr<running_loop>> opened_; ///< the first to go
};

} // namespace test
