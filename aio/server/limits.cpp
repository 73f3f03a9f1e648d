#include <aio/base/text.hpp>
#include <aio/config/convert.hpp>
#include <aio/net/bind.hpp>
#include <aio/server/limit_options.hpp>
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
#include <vector>

namespace aio::server {

namespace {

constexpr std::int64_t most_backlog = 1 << 30;
constexpr const char* none = "none";

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
    reader(const config::options& section, counts which, const limit_mistakes& wrong)
        : section_(section), which_(which), wrong_(wrong) {}

    limits read(limits out) const {
        take("backlog", [&](std::int64_t number) {
            out.backlog = static_cast<int>(std::min(number, most_backlog));
        });
        take("max_connections", [&](std::int64_t number) {
            out.max_connections = static_cast<std::size_t>(number);
        });
        take("idle_timeout", out.idle_timeout);
        take("first_byte_timeout", out.first_byte_timeout);
        take("write_timeout", out.write_timeout);
        read_keepalive(out.keepalive);
        read_admission(out);
        read_clients(out);
        take("handshake_timeout", [&](base::duration time) { out.handshake_timeout = time; });
        take("linger", [&](base::duration time) { out.linger = time; });
        take("unsent", out.unsent);
        if (const auto found = look<bool>("defer_accept"); found.what == found.value)
            out.defer_accept = found.given;
        read_proxy(out.proxy);
        return out;
    }

  private:
    void read_admission(limits& out) const {
        if (const auto found = look<base::choice>("when_full"); found.what == found.value)
            out.when_full = found.given.value == "refuse" ? full_policy::refuse : full_policy::wait;
        take("accept_rate", out.accept_rate);
        read_networks("allow", out.networks.allow);
        read_networks("deny", out.networks.deny);
    }

    void read_clients(limits& out) const {
        take("address_rate", out.address_rate);
        const said<std::int64_t> most = look<std::int64_t>("address_connections");
        if (most.what == most.word)
            out.address_connections.reset();
        else if (most.what == most.value)
            out.address_connections = static_cast<std::size_t>(most.given);
        const said<std::string> prefix = look<std::string>("address_prefix");
        if (prefix.what != prefix.value)
            return;
        out.address_prefix = prefix_of(prefix.given).value_or(out.address_prefix);
        report("address_prefix", prefix_mistakes(prefix.given));
    }

    void read_proxy(std::optional<proxy_rules>& out) const {
        if (const auto found = look<base::choice>("proxy_protocol"); found.what == found.value) {
            if (found.given.value != "required")
                out.reset();
            else if (!out)
                out.emplace();
        }
        if (!out)
            return;
        read_networks("proxy_from", out->from);
        read_networks("proxy_skip", out->skip);
        if (out->from.empty() && !section_.text("proxy_from"))
            wrong_({
                "proxy_protocol",
                0,
                "'required' needs proxy_from",
                "the networks of the proxies; nobody else is believed",
            });
    }

    void report(std::string_view option, std::vector<config::text_mistake> mistakes) const {
        for (config::text_mistake& each : mistakes)
            wrong_({option, each.offset, std::move(each.text), std::move(each.hint)});
    }

    void read_networks(std::string_view name, net::networks& out) const {
        const said<std::string> found = look<std::string>(name);
        if (found.what != found.value)
            return;
        // The places of mistakes are those in the text as it was written.
        const std::string text = section_.text(name).value_or(found.given);
        std::vector<config::text_mistake> mistakes;
        out = networks_of(text, mistakes);
        report(name, std::move(mistakes));
    }

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

    template <typename T>
    void take(std::string_view name, std::optional<T>& out) const {
        const said<T> found = look<T>(name);
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
        return read_text<T>(*limit_options().find(name), *text);
    }

    const config::options& section_;
    counts which_;
    const limit_mistakes& wrong_;
};

[[noreturn]] void throw_mistake(limit_mistake wrong) {
    throw std::invalid_argument(fmt::format("{}: {}", wrong.option, wrong.text));
}

} // namespace

void declare_limits(config::schema& target) {
    for (const config::option& each : limit_options().all())
        target.declare(each);
}

void declare_limits_of_class(config::schema& target) {
    for (config::option each : limit_options().all()) {
        if (each.name == "handshake_timeout") // they have no TLS
            continue;
        if (each.name == "proxy_protocol")
            each.needs.push_back({.when = "required", .option = "proxy_from", .value = {}});
        if (each.name == "proxy_from" || each.name == "proxy_skip")
            each.needs.push_back({.when = {}, .option = "proxy_protocol", .value = "required"});
        const std::string standard = config::to_text(each.standard);
        each.help +=
            fmt::format("; default: that of the class, or {}", standard.empty() ? none : standard);
        each.standard = {};
        target.declare(std::move(each));
    }
}

limits limits_of(const config::options& section, const limit_mistakes& wrong) {
    return reader(section, counts::declared, wrong).read(limits());
}

limits limits_of(const config::options& section) {
    return limits_of(section, throw_mistake);
}

limits limits_of(const config::options& section, limits own) {
    return reader(section, counts::written, throw_mistake).read(std::move(own));
}

void set_socket_options(net::bind_request& target, const limits& from) {
    target.keepalive = from.keepalive;
    target.unsent = from.unsent;
    target.defer_accept = from.defer_accept;
}

} // namespace aio::server
