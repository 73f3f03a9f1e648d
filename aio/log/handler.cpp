#include <aio/log/format.hpp>
#include <aio/log/handler.hpp>
#include <aio/log/output.hpp>

#include <mutex>
#include <utility>

namespace aio::log {

namespace {

class output_handler final : public handler {
  public:
    output_handler(
        level at_least,
        std::shared_ptr<output_services> services,
        std::unique_ptr<format> as,
        std::unique_ptr<output> target
    )
        : handler(at_least), with_(std::move(services)), format_(std::move(as)),
          output_(std::move(target)) {}

    void log(const record& entry) override {
        const std::lock_guard lock(mutex_);
        line_.clear();
        format_->write(entry, line_);
        output_->write(entry, line_);
        if (line_.capacity() > most_kept)
            std::string().swap(line_);
    }

    bool collects() const noexcept override { return output_->collects(); }

    void flush() noexcept override {
        const std::lock_guard lock(mutex_);
        output_->flush();
    }

    void flush_if_free() noexcept override {
        if (const std::unique_lock lock(mutex_, std::try_to_lock); lock)
            output_->flush();
    }

    std::string reopen() override {
        const std::lock_guard lock(mutex_);
        return output_->reopen();
    }

    void standard_output_replaced() noexcept override {
        const std::lock_guard lock(mutex_);
        output_->standard_output_replaced();
    }

    std::string give_to(uid_t user, gid_t group) override {
        const std::lock_guard lock(mutex_);
        return output_->give_to(user, group);
    }

    bool reached() override {
        const std::lock_guard lock(mutex_);
        return output_->reached();
    }

  private:
    static constexpr std::size_t most_kept = 1024 * 1024;

    std::shared_ptr<output_services> with_; ///< outlives the output, which refers to it
    std::mutex mutex_;
    std::unique_ptr<format> format_;
    std::unique_ptr<output> output_;
    std::string line_;
};

} // namespace

handler::~handler() = default;

std::shared_ptr<handler> open_handler(
    const handler_spec& spec,
    const formatter_spec& formatter,
    const std::string& directory,
    std::shared_ptr<output_services> services
) {
    if (const auto* custom = std::get_if<custom_args>(&spec.args))
        return open_sink(spec, *custom, formatter, std::move(services));
    std::unique_ptr<output> target = open_output(spec.args, directory, *services);
    std::unique_ptr<format> as =
        make_format(formatter, target->terminal() ? format_target::terminal : format_target::other);
    return std::make_shared<output_handler>(
        spec.at_least, std::move(services), std::move(as), std::move(target)
    );
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

void function_handler::log(const record& entry) {
    const std::lock_guard lock(state_->lock);
    if (state_->call)
        state_->call(entry);
}

void function_handler::stop() {
    const std::lock_guard lock(state_->lock);
    state_->call = nullptr;
}

} // namespace aio::log
