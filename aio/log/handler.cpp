#include <aio/log/format.hpp>
#include <aio/log/handler.hpp>
#include <aio/log/output.hpp>

#include <spdlog/sinks/base_sink.h>

#include <mutex>

namespace aio::log {

namespace {

spdlog::details::log_msg to_spdlog(const record& one) {
    return {
        one.time,
        {},
        {one.logger.data(), one.logger.size()},
        static_cast<spdlog::level::level_enum>(one.at),
        {one.message.data(), one.message.size()}
    };
}

record from_spdlog(const spdlog::details::log_msg& from) {
    return {
        static_cast<level>(from.level),
        {from.logger_name.data(), from.logger_name.size()},
        {from.payload.data(), from.payload.size()},
        from.time
    };
}

class output_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    output_sink(std::unique_ptr<format> as, std::unique_ptr<output> to)
        : base_sink(nullptr), format_(std::move(as)), output_(std::move(to)) {}

    void flush_if_free() {
        if (const std::unique_lock lock(mutex_, std::try_to_lock); lock)
            output_->flush();
    }

    std::string reopen() {
        const std::lock_guard lock(mutex_);
        return output_->reopen();
    }

    std::string give_to(uid_t user, gid_t group) {
        const std::lock_guard lock(mutex_);
        return output_->give_to(user, group);
    }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const record one = from_spdlog(message);
        line_.clear();
        format_->write(one, line_);
        output_->write(one, line_);
        if (line_.capacity() > 1024 * 1024)
            line_.shrink_to_fit();
    }

    void flush_() override { output_->flush(); }

    std::unique_ptr<format> format_;
    std::unique_ptr<output> output_;
    std::string line_;
};

template <typename Sink>
class sink_handler final : public handler {
  public:
    sink_handler(level at_least, std::shared_ptr<Sink> sink)
        : handler(at_least), sink_(std::move(sink)) {}

    void log(const record& one) override { sink_->log(to_spdlog(one)); }

    void flush() override { sink_->flush(); }

    void flush_if_free() override {
        if constexpr (std::is_same_v<Sink, output_sink>)
            sink_->flush_if_free();
    }

    std::string reopen() override {
        if constexpr (std::is_same_v<Sink, output_sink>)
            return sink_->reopen();
        return {};
    }

    std::string give_to([[maybe_unused]] uid_t user, [[maybe_unused]] gid_t group) override {
        if constexpr (std::is_same_v<Sink, output_sink>)
            return sink_->give_to(user, group);
        return {};
    }

  private:
    std::shared_ptr<Sink> sink_;
};

} // namespace

handler::~handler() = default;

std::shared_ptr<handler> open_handler(
    const handler_spec& of, const formatter_spec& with, const std::string& directory, complaints& to
) {
    std::unique_ptr<output> out = open_output(of.args, directory, to);
    std::unique_ptr<format> as = make_format(with, out->terminal());
    auto sink = std::make_shared<output_sink>(std::move(as), std::move(out));
    return std::make_shared<sink_handler<output_sink>>(of.at_least, std::move(sink));
}

std::shared_ptr<handler> wrap_sink(std::shared_ptr<spdlog::sinks::sink> sink) {
    const auto at_least = static_cast<level>(sink->level());
    return std::make_shared<sink_handler<spdlog::sinks::sink>>(at_least, std::move(sink));
}

struct function_handler::state {
    std::mutex lock;
    std::function<void(const record&)> call;
};

function_handler::function_handler(std::function<void(const record&)> call)
    : handler(level::trace), state_(std::make_unique<state>()) {
    state_->call = std::move(call);
}

function_handler::~function_handler() = default;

void function_handler::log(const record& one) {
    const std::lock_guard lock(state_->lock);
    if (state_->call)
        state_->call(one);
}

void function_handler::stop() {
    const std::lock_guard lock(state_->lock);
    state_->call = nullptr;
}

} // namespace aio::log
