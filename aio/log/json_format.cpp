// One JSON object a line:
// {"@timestamp":"2026-11-21T09:36:52.489Z","level":"warn","logger":"aio","msg":"…",
//  "@fields":{"identifier":"aio","process":1,"thread":2}}

#include <aio/log/format.hpp>
#include <aio/log/time_text.hpp>

#include <unistd.h>

#include <array>

namespace aio::log {

namespace {

constexpr std::array<std::string_view, 7> level_words{
    "trace", "debug", "info", "warn", "error", "fatal", "off"
};

/// The length of the UTF-8 sequence that starts at `at`, 0 when there is none.
std::size_t sequence(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
    };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const unsigned lead = byte(0);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return tail(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = lead == 0xED && byte(1) > 0x9F;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead < 0xF0 || lead > 0xF4)
        return 0;
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
}

void append_escape(std::string& to, unsigned char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
    case '"':
        to += "\\\"";
        return;
    case '\\':
        to += "\\\\";
        return;
    case '\n':
        to += "\\n";
        return;
    case '\r':
        to += "\\r";
        return;
    case '\t':
        to += "\\t";
        return;
    default:
        (to += "\\u00") += hex[c >> 4];
        to += hex[c & 15];
    }
}

void append_member(std::string& to, std::string_view name, std::string_view text) {
    to.append(",\"").append(name).append("\":\"");
    append_json(to, text);
    to += '"';
}

class json_format final : public format {
  public:
    explicit json_format(const std::string& datefmt)
        : number_(datefmt == "%s"), standard_(datefmt.empty()),
          stamp_(standard_ ? "%Y-%m-%dT%H:%M:%S" : datefmt, standard_ ? zone::utc : zone::local) {}

    void write(const record& one, std::string& to) override {
        to.append("{\"@timestamp\":");
        append_time(split(one.time), to);
        append_member(to, "level", json_level(one.at));
        append_member(to, "logger", one.logger);
        append_member(to, "msg", one.message);
        to.append(",\"@fields\":{\"identifier\":\"");
        append_json(to, one.logger);
        to.append("\",\"process\":").append(std::to_string(getpid()));
        to.append(",\"thread\":").append(std::to_string(gettid()));
        to.append("}}");
    }

  private:
    void append_time(split_time time, std::string& to) {
        if (number_) {
            to.append(std::to_string(time.seconds));
            return;
        }
        to += '"';
        append_json(to, stamp_.at(time.seconds));
        if (standard_) {
            to += '.';
            append_millis(to, time.millis);
            to += 'Z';
        }
        to += '"';
    }

    bool number_, standard_;
    time_text stamp_;
};

} // namespace

std::string_view json_level(level of) noexcept {
    return level_words[static_cast<std::size_t>(of)];
}

void append_json(std::string& to, std::string_view text) {
    std::size_t plain = 0; // what is copied as it is starts here
    for (std::size_t at = 0; at < text.size();) {
        const auto c = static_cast<unsigned char>(text[at]);
        const std::size_t length = sequence(text, at);
        if (length != 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
            at += length;
            continue;
        }
        to.append(text.substr(plain, at - plain));
        if (length == 0)
            to.append("\xEF\xBF\xBD");
        else
            append_escape(to, c);
        plain = ++at;
    }
    to.append(text.substr(plain));
}

std::unique_ptr<format> make_json_format(const formatter_spec& of);

std::unique_ptr<format> make_json_format(const formatter_spec& of) {
    return std::make_unique<json_format>(of.datefmt);
}

} // namespace aio::log
