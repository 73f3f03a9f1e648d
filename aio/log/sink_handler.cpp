// Handlers whose records go to a sink of spdlog.

#include <aio/base/error_words.hpp>
#include <aio/base/visible.hpp>
#include <aio/log/format.hpp>
#include <aio/log/handler.hpp>
#include <aio/log/handler_scope.hpp>
#include <aio/log/sink.hpp>

#include <spdlog/formatter.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace aio::log {

namespace {

using sink_pointer = std::shared_ptr<spdlog::sinks::sink>;

spdlog::details::log_msg to_spdlog(const record& entry, std::string_view text) {
    return {
        entry.time,
        {},
        {entry.logger.data(), entry.logger.size()},
        static_cast<spdlog::level::level_enum>(entry.severity),
        {text.data(), text.size()}
    };
}

/// The formatter has made the line already; the sink adds only the newline.
class line_formatter final : public spdlog::formatter {
  public:
    void
    format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& memory_buf_t) override {
        memory_buf_t.append(message.payload.begin(), message.payload.end());
        memory_buf_t.push_back('\n');
    }

    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<line_formatter>();
    }
};

/// Calls `report` with the words of an exception.
template <typename Work, typename Report>
void guarded(Work work, Report report) noexcept {
    try {
        work();
    } catch (const std::exception& e) {
        report(base::words_of(e));
    } catch (...) {
        report("unknown exception");
    }
}

void flush_guarded(spdlog::sinks::sink& sink, std::string_view title, complaints& lost) noexcept {
    guarded([&] { sink.flush(); }, [&](std::string_view why) { lost.cannot_flush(title, why); });
}

class attached_sink final : public handler {
  public:
    attached_sink(sink_pointer sink, std::shared_ptr<output_services> services)
        : handler(static_cast<level>(sink->level())), with_(std::move(services)),
          sink_(std::move(sink)) {}

    void log(const record& entry) override {
        sink_->log(to_spdlog(entry, base::visible(entry.message, base::layout::log)));
    }

    void flush() noexcept override {
        const handler_scope scope;
        flush_guarded(*sink_, "an attached sink", with_->lost);
    }

    bool flush_may_hang() const noexcept override { return true; }

  private:
    std::shared_ptr<output_services> with_;
    sink_pointer sink_;
};

/// The handler has the lock, so the sink needs none. What the sink logs itself is dropped: it would
/// wait for this lock.
class made_sink final : public handler {
  public:
    made_sink(
        level at_least,
        custom_args args,
        std::string title,
        std::unique_ptr<format> as,
        sink_pointer sink,
        std::shared_ptr<output_services> services
    )
        : handler(at_least), args_(std::move(args)), title_(std::move(title)),
          format_(std::move(as)), with_(std::move(services)), sink_(std::move(sink)) {}

    ~made_sink() override {
        const handler_scope scope;
        flush();
        sink_.reset();
        with_->lost.left(title_);
    }

    void log(const record& entry) override {
        const handler_scope scope;
        const std::lock_guard lock(mutex_);
        line_.clear();
        format_->write(entry, line_);
        guarded(
            [&] {
                sink_->log(to_spdlog(entry, line_));
                with_->lost.taken(title_);
            },
            [&](std::string_view why) { with_->lost.lost(title_, why, 1); }
        );
    }

    bool collects() const noexcept override { return true; }

    void flush() noexcept override {
        const handler_scope scope;
        const std::lock_guard lock(mutex_);
        flush_sink();
    }

    bool flush_may_hang() const noexcept override { return true; }

    std::string reopen() override {
        const handler_scope scope;
        const std::lock_guard lock(mutex_);
        try {
            if (auto* able = dynamic_cast<reopenable*>(sink_.get())) {
                able->reopen();
                return {};
            }
            flush_sink();
            sink_ = made_from(args_);
            return {};
        } catch (const std::exception& e) {
            return title_ + ": " + base::words_of(e);
        } catch (...) {
            return title_ + ": unknown exception";
        }
    }

    static sink_pointer made_from(const custom_args& args) {
        sink_pointer made = (*args.make)(args.section);
        if (!made)
            throw std::runtime_error(args.class_name + " made no sink");
        made->set_formatter(std::make_unique<line_formatter>());
        return made;
    }

  private:
    void flush_sink() noexcept { flush_guarded(*sink_, title_, with_->lost); }

    custom_args args_;
    std::string title_;
    std::mutex mutex_;
    std::unique_ptr<format> format_;
    std::shared_ptr<output_services> with_;
    sink_pointer sink_;
    std::string line_;
};

} // namespace

std::shared_ptr<handler> open_sink(
    const handler_spec& spec,
    const custom_args& args,
    const formatter_spec& formatter,
    std::shared_ptr<output_services> services
) {
    sink_pointer sink = made_sink::made_from(args);
    const level at_least = std::max(spec.at_least, static_cast<level>(sink->level()));
    return std::make_shared<made_sink>(
        at_least,
        args,
        spec.title(),
        make_format(formatter, format_target::other),
        std::move(sink),
        std::move(services)
    );
}

std::shared_ptr<handler>
wrap_sink(std::shared_ptr<spdlog::sinks::sink> sink, std::shared_ptr<output_services> services) {
    return std::make_shared<attached_sink>(std::move(sink), std::move(services));
}

} // namespace aio::log
