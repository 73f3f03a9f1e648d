#include <aio/base/system_reason.hpp>
#include <aio/log/descriptor.hpp>
#include <aio/log/outage.hpp>
#include <aio/log/retry_pause.hpp>
#include <aio/log/stream.hpp>
#include <aio/log/target.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <string>

namespace aio::log {

namespace {

const char* name_of(int standard) noexcept {
    return standard == STDOUT_FILENO ? "standard output" : "standard error";
}

class stream_output final : public output {
  public:
    stream_output(int standard, output_services& services)
        : with_(services), to_(standard, name_of(standard), services), outage_(services.lost) {}

    void write(const record& entry, std::string_view text) noexcept override {
        if (outage_.begun() && !pause_.due(entry.time))
            return outage_.pass_on(text);
        const int error = to_.append_now(text);
        if (error == 0)
            return outage_.end(name_of(to_.fd()));
        if (to_.fd() == STDERR_FILENO || !reader_is_gone(error))
            return with_.lost.lost(name_of(to_.fd()), error, 1);
        if (!outage_.begun())
            leave(error, entry.time);
        outage_.pass_on(text);
    }

    void standard_output_replaced() noexcept override { pause_.end(); }

    bool reached() const noexcept override { return !outage_.begun(); }

    bool terminal() const noexcept override { return ::isatty(to_.fd()) == 1; }

  private:
    void leave(int error, retry_pause::time_point now) noexcept {
        pause_.begin(now);
        try {
            outage_.begin(
                fmt::format("cannot write to standard output: {}", base::system_reason(error))
            );
        } catch (const std::exception& e) {
            outage_.begin(e.what()); // no memory
        }
    }

    output_services& with_;
    descriptor to_;
    outage outage_;
    retry_pause pause_;
};

} // namespace

std::unique_ptr<output> open_stream(int standard, output_services& services) {
    return std::make_unique<stream_output>(standard, services);
}

} // namespace aio::log
