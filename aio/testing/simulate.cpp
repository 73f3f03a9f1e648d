#include <aio/async/virtual_clock.hpp>
#include <aio/base/environment.hpp>
#include <aio/base/error_words.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/testing/simulate.hpp>

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace aio::testing {

namespace {

// Text that is no number is refused: no seed would run, and the test would pass.
std::optional<std::uint64_t> number(const char* variable) {
    const auto set = base::variable(variable);
    if (!set)
        return std::nullopt;
    const std::string_view text = *set;
    std::uint64_t value = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (wrong != std::errc{} || end != text.data() + text.size() || value == 0)
        throw std::invalid_argument(fmt::format("{}={} is no number from 1 on", variable, text));
    return value;
}

// The environment overrides the test.
simulate_options by_environment(simulate_options how) {
    if (const auto seeds = number("AIO_SEEDS"))
        how.seeds = *seeds;
    if (const auto seed = number("AIO_SEED")) {
        how.first = *seed;
        how.seeds = 1;
    }
    if (how.first == 0) // seeds begin at 1
        how.first = 1;
    return how;
}

std::string sentence(std::uint64_t seed, std::string_view why) {
    return fmt::format("seed {} fails (AIO_SEED={} runs it alone): {}", seed, seed, why);
}

void tell(std::uint64_t seed, std::string_view why) {
    base::say(sentence(seed, why));
}

void run_seed(
    std::uint64_t seed, const std::function<task<void>()>& body, const simulate_options& how
) {
    async::virtual_clock time(seed);
    run(body(), time);
    if (how.done)
        how.done(seed, time.digest());
}

} // namespace

seed_failed::seed_failed(std::uint64_t seed_, const std::string& why)
    : std::runtime_error(sentence(seed_, why)), seed(seed_) {}

void simulate(std::function<task<void>()> body, simulate_options how) {
    how = by_environment(std::move(how));
    for (std::size_t i = 0; i < how.seeds; ++i) {
        const std::uint64_t seed = how.first + i;
        try {
            run_seed(seed, body, how);
        } catch (const std::exception& e) {
            tell(seed, base::words_of(e));
            std::throw_with_nested(seed_failed(seed, base::words_of(e)));
        } catch (...) { // a test framework ends a test so
            tell(seed, "it was ended");
            throw;
        }
        if (how.failed && how.failed()) {
            tell(seed, "a check failed");
            throw seed_failed(seed, "a check failed");
        }
    }
}

void simulate(std::string config, app_body body, simulate_options how, app_options options) {
    simulate([&] { return with_app(config, body, options); }, std::move(how));
}

} // namespace aio::testing
