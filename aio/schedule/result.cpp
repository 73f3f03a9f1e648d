#include <aio/schedule/result.hpp>
#include <aio/signal/event.hpp>

#include <fmt/format.h>

namespace aio::schedule {

result_error::result_error(
    const std::string& schedule, const std::type_info& has, const std::type_info& asked
)
    : mistake(fmt::format(
          "the result of schedule '{}' is {}, asked for {}",
          schedule,
          signal::type_name(has),
          signal::type_name(asked)
      )) {}

result::result(event run_event, std::any value, std::exception_ptr error, base::duration took)
    : event(std::move(run_event)), value_(std::make_shared<const std::any>(std::move(value))),
      error_(std::move(error)), took_(took) {}

std::string result::message() const {
    return error_ ? message_of(error_) : std::string{};
}

timed_out::timed_out(base::duration limit)
    : std::runtime_error(
          fmt::format("took longer than its timeout of {} and was cancelled", base::format(limit))
      ) {}

} // namespace aio::schedule
