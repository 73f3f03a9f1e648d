// One JSON object a line:
// {"@timestamp":"2026-11-21T09:36:52.489Z","level":"warn","logger":"aio","msg":"…",
//  "@fields":{"identifier":"aio","process":1,"thread":2}}

#include <aio/base/utf8.hpp>
#include <aio/log/format.hpp>
#include <aio/log/line_text.hpp>
#include <aio/log/time_text.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <iterator>

namespace aio::log {

namespace {

constexpr std::array<std::string_view, 7> level_words{
    "trace", "debug", "info", "warn", "error", "fatal", "off"
};

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
        const base::code_point next = base::decode(text, at);
        if (next.valid && !is_hidden(next.value) && next.value != '"' && next.value != '\\') {
            at += next.bytes;
            continue;
        }
        to.append(text.substr(plain, at - plain));
        if (!next.valid)
            to.append("\xEF\xBF\xBD");
        else if (next.value < 0x80)
            append_escape(to, static_cast<unsigned char>(next.value));
        else
            fmt::format_to(
                std::back_inserter(to), "\\u{:04x}", static_cast<std::uint32_t>(next.value)
            );
        at += next.bytes;
        plain = at;
    }
    to.append(text.substr(plain));
}

std::unique_ptr<format> make_json_format(const formatter_spec& of);

std::unique_ptr<format> make_json_format(const formatter_spec& of) {
    return std::make_unique<json_format>(of.datefmt);
}

} // namespace aio::log
