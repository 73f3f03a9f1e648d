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

void append_escape(std::string& out, unsigned char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
    case '"':
        out += "\\\"";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        (out += "\\u00") += hex[c >> 4];
        out += hex[c & 15];
    }
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out.append(",\"").append(name).append("\":\"");
    append_json(out, text);
    out += '"';
}

class json_format final : public format {
  public:
    explicit json_format(const std::string& datefmt)
        : number_(datefmt == "%s"), standard_(datefmt.empty()),
          stamp_(standard_ ? "%Y-%m-%dT%H:%M:%S" : datefmt, standard_ ? zone::utc : zone::local) {}

    void write(const record& record, std::string& out) override {
        out.append("{\"@timestamp\":");
        append_time(split(record.time), out);
        append_member(out, "level", json_level(record.severity));
        append_member(out, "logger", record.logger);
        append_member(out, "msg", record.message);
        out.append(",\"@fields\":{\"identifier\":\"");
        append_json(out, record.logger);
        out.append("\",\"process\":").append(std::to_string(getpid()));
        out.append(",\"thread\":").append(std::to_string(gettid()));
        out.append("}}");
    }

  private:
    void append_time(split_time time, std::string& out) {
        if (number_) {
            out.append(std::to_string(time.seconds));
            return;
        }
        out += '"';
        append_json(out, stamp_.at(time.seconds));
        if (standard_) {
            out += '.';
            append_millis(out, time.millis);
            out += 'Z';
        }
        out += '"';
    }

    bool number_, standard_;
    time_text stamp_;
};

} // namespace

std::string_view json_level(level severity) noexcept {
    return level_words[static_cast<std::size_t>(severity)];
}

void append_json(std::string& out, std::string_view text) {
    std::size_t plain = 0; // what is copied as it is starts here
    for (std::size_t offset = 0; offset < text.size();) {
        const base::code_point next = base::decode(text, offset);
        if (next.valid && !is_hidden(next.value) && next.value != '"' && next.value != '\\') {
            offset += next.bytes;
            continue;
        }
        out.append(text.substr(plain, offset - plain));
        if (!next.valid)
            out.append("\xEF\xBF\xBD");
        else if (next.value < 0x80)
            append_escape(out, static_cast<unsigned char>(next.value));
        else
            fmt::format_to(
                std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(next.value)
            );
        offset += next.bytes;
        plain = offset;
    }
    out.append(text.substr(plain));
}

std::unique_ptr<format> make_json_format(const formatter_spec& formatter);

std::unique_ptr<format> make_json_format(const formatter_spec& formatter) {
    return std::make_unique<json_format>(formatter.datefmt);
}

} // namespace aio::log
