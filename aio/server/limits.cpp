#include <aio/base/text.hpp>
#include <aio/config/convert.hpp>
#include <aio/server/limits.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace aio::server {

namespace {

constexpr const char* none = "none";
constexpr std::int64_t most_backlog = 1 << 30;

double seconds(base::duration time) {
    return std::chrono::duration<double>(time).count();
}

config::schema declared() {
    using config::type;
    const limits standard;
    const double longest = seconds(net::keepalive::longest);
    config::schema all;
    all.option(
           "backlog", standard.backlog, "connections that the system keeps until they are accepted"
    )
        .least(1);
    all.option(
           "max_connections",
           standard.max_connections,
           "open connections; at the limit, no more are accepted"
    )
        .least(1);
    all.add("idle_timeout", type::duration, "a connection without data for this time is closed")
        .least(0.001)
        .words({none});
    all.option(
           "keepalive",
           standard.keepalive->silence,
           "time of silence before TCP probes the peer; none: never"
    )
        .least(1)
        .most(longest)
        .words({none});
    all.option(
           "keepalive_interval",
           standard.keepalive->interval,
           "time between two probes without an answer"
    )
        .least(1)
        .most(longest);
    all.option(
           "keepalive_probes",
           standard.keepalive->probes,
           "probes without an answer before the connection is closed"
    )
        .least(1)
        .most(net::keepalive::most_probes);
    return all;
}

const config::schema& all_options() {
    static const config::schema all = declared();
    return all;
}

/// What a section says about one option.
template <typename T>
struct said {
    enum { nothing, word, value } what = nothing;

    T given{};
};

template <typename T>
said<T> read_text(const config::option& option, std::string_view text) {
    const std::string bare = base::lower_ascii(base::strip(text));
    if (std::ranges::find(option.words, bare) != option.words.end())
        return {said<T>::word, {}};
    const config::converted read = config::convert(option, text);
    if (!read.wrong.empty())
        throw std::invalid_argument(fmt::format("{}: {} {}", option.name, read.shown, read.wrong));
    return {said<T>::value, std::get<T>(read.value)};
}

enum class counts { written, declared };

class reader {
  public:
    reader(const config::options& section, counts which) : section_(section), which_(which) {}

    limits read(limits out) const {
        take("backlog", [&](std::int64_t number) {
            out.backlog = static_cast<int>(std::min(number, most_backlog));
        });
        take("max_connections", [&](std::int64_t number) {
            out.max_connections = static_cast<std::size_t>(number);
        });
        take("idle_timeout", out.idle_timeout);
        read_keepalive(out.keepalive);
        return out;
    }

  private:
    void read_keepalive(std::optional<net::keepalive>& out) const {
        net::keepalive timing = out.value_or(net::keepalive());
        std::optional<base::duration> silence;
        if (out)
            silence = out->silence;
        take("keepalive", silence);
        take("keepalive_interval", [&](base::duration time) { timing.interval = time; });
        take("keepalive_probes", [&](std::int64_t count) {
            timing.probes = static_cast<int>(count);
        });
        if (silence)
            timing.silence = *silence;
        out = silence ? std::optional(timing) : std::nullopt;
    }

    void take(std::string_view name, std::optional<base::duration>& out) const {
        const said<base::duration> found = look<base::duration>(name);
        if (found.what == found.word)
            out.reset();
        else if (found.what == found.value)
            out = found.given;
    }

    template <typename Set>
        requires std::is_invocable_v<Set, std::int64_t>
    void take(std::string_view name, Set set) const {
        if (const auto found = look<std::int64_t>(name); found.what == found.value)
            set(found.given);
    }

    template <typename Set>
        requires std::is_invocable_v<Set, base::duration>
    void take(std::string_view name, Set set) const {
        if (const auto found = look<base::duration>(name); found.what == found.value)
            set(found.given);
    }

    template <typename T>
    said<T> look(std::string_view name) const {
        if (which_ == counts::written && !section_.text(name))
            return {};
        try {
            if (const std::optional<T> value = section_.find<T>(name))
                return {said<T>::value, *value};
            return {section_.word(name).empty() ? said<T>::nothing : said<T>::word, {}};
        } catch (const config::option_error&) {
            return undeclared<T>(name);
        }
    }

    /// A class may have declared an option of this name and of another type for a purpose of its
    /// own.
    template <typename T>
    said<T> undeclared(std::string_view name) const {
        const auto text = section_.text(name);
        if (!text || section_.given(name))
            return {};
        return read_text<T>(*all_options().find(name), *text);
    }

    const config::options& section_;
    counts which_;
};

} // namespace

void declare_limits(config::schema& target) {
    for (const config::option& each : all_options().all())
        target.declare(each);
}

void declare_limits_of_class(config::schema& target) {
    for (config::option each : all_options().all()) {
        const std::string standard = config::to_text(each.standard);
        each.help +=
            fmt::format("; default: that of the class, or {}", standard.empty() ? none : standard);
        each.standard = {};
        target.declare(std::move(each));
    }
}

limits limits_of(const config::options& section) {
    return reader(section, counts::declared).read(limits());
}

limits limits_of(const config::options& section, limits own) {
    return reader(section, counts::written).read(std::move(own));
}

} // namespace aio::server
