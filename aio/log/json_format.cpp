// One JSON object a line:
// {"@timestamp":"2026-11-21T09:36:52.489Z","level":"warn","logger":"aio","msg":"…",
//  "@fields":{"identifier":"aio","process":1,"thread":2}}

#include <aio/base/text.hpp>
#include <aio/log/format.hpp>
#include <aio/log/time_text.hpp>

#include <unistd.h>

#include <array>

namespace aio::log {

namespace {

constexpr std::array<std::string_view, 7> level_words{
    "trace", "debug", "info", "warn", "error", "fatal", "off"
};

void append_member(std::string& to, std::string_view name, std::string_view text) {
    to.append(",\"").append(name).append("\":\"");
    base::append_json(to, text);
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
        base::append_json(to, one.logger);
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
        base::append_json(to, stamp_.at(time.seconds));
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

std::unique_ptr<format> make_json_format(const formatter_spec& of);

std::unique_ptr<format> make_json_format(const formatter_spec& of) {
    return std::make_unique<json_format>(of.datefmt);
}

} // namespace aio::log
