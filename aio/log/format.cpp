#include <aio/base/environment.hpp>
#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/log/format.hpp>
#include <aio/log/pattern.hpp>
#include <aio/log/time_text.hpp>

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cmath>

namespace aio::log {

namespace {

std::string_view thread_name(std::array<char, 32>& room) {
    return pthread_getname_np(pthread_self(), room.data(), room.size()) == 0 ? room.data() : "";
}

/// Python's numbers of our levels.
constexpr std::array<int, 7> level_numbers{5, 10, 20, 30, 40, 50, 60};

constexpr std::array<std::string_view, 7> level_colors{
    "\033[2m", "\033[36m", "\033[32m", "\033[33m", "\033[31m", "\033[1;31m", ""
};

std::string_view sign_of(const piece& as, bool negative) {
    return negative ? "-" : as.plus ? "+" : as.space ? " " : "";
}

/// A number, filled up to its width: by blanks in front, zeros inside, or blanks behind.
void append_number(
    std::string& out,
    const piece& as,
    std::string_view sign,
    std::string_view prefix,
    std::string_view digits,
    std::size_t least_digits
) {
    const std::size_t zeros = least_digits > digits.size() ? least_digits - digits.size() : 0;
    const std::size_t taken = sign.size() + prefix.size() + zeros + digits.size();
    const std::size_t fill = as.width > taken ? as.width - taken : 0;
    const bool zero_fill = as.zero && !as.left;
    out.append(as.left || zero_fill ? 0 : fill, ' ').append(sign).append(prefix);
    out.append(zeros + (zero_fill ? fill : 0), '0').append(digits).append(as.left ? fill : 0, ' ');
}

void append_real(std::string& out, const piece& as, double value) {
    std::array<char, 1400> room;
    const auto shape = as.conversion == 'e' || as.conversion == 'E' ? std::chars_format::scientific
                       : as.conversion == 'g' || as.conversion == 'G' ? std::chars_format::general
                                                                      : std::chars_format::fixed;
    const double size = std::fabs(value);
    const auto [end, wrong] = as.conversion == 's'
                                  ? std::to_chars(room.data(), room.data() + room.size(), size)
                                  : std::to_chars(
                                        room.data(),
                                        room.data() + room.size(),
                                        size,
                                        shape,
                                        as.precision < 0 ? 6 : as.precision
                                    );
    const std::string_view digits(room.data(), static_cast<std::size_t>(end - room.data()));
    if (wrong == std::errc{})
        append_number(out, as, sign_of(as, std::signbit(value)), "", digits, 0);
}

void append_integer(std::string& out, const piece& as, std::uint64_t size, bool negative) {
    const bool hex = as.conversion == 'x' || as.conversion == 'X';
    std::array<char, 32> room;
    const auto [end, wrong] = std::to_chars(
        room.data(),
        room.data() + room.size(),
        size,
        hex                    ? 16
        : as.conversion == 'o' ? 8
                               : 10
    );
    const std::string_view prefix = !as.alternate          ? ""
                                    : hex                  ? "0x"
                                    : as.conversion == 'o' ? "0o"
                                                           : "";
    append_number(
        out,
        as,
        sign_of(as, negative),
        prefix,
        {room.data(), static_cast<std::size_t>(end - room.data())},
        as.precision > 0 ? static_cast<std::size_t>(as.precision) : 0
    );
}

void append_number(std::string& out, const piece& as, double value) {
    if (as.conversion == 'd' || as.conversion == 'i' || as.conversion == 'u')
        return append_integer(
            out, as, static_cast<std::uint64_t>(std::fabs(std::trunc(value))), value <= -1
        );
    append_real(out, as, value);
}

void append_number(std::string& out, const piece& as, std::int64_t value) {
    if (std::string_view("fFeEgG").find(as.conversion) != std::string_view::npos)
        return append_real(out, as, static_cast<double>(value));
    const auto bits = static_cast<std::uint64_t>(value);
    append_integer(out, as, value < 0 ? ~bits + 1 : bits, value < 0);
}

/// At most `count` code points.
std::string_view first(std::string_view text, std::size_t count) {
    std::size_t offset = 0;
    for (; offset < text.size(); ++offset)
        if ((static_cast<unsigned char>(text[offset]) & 0xC0) != 0x80 && count-- == 0)
            break;
    return text.substr(0, offset);
}

void append_text(std::string& out, const piece& as, std::string_view text) {
    if (as.precision >= 0)
        text = first(text, static_cast<std::size_t>(as.precision));
    if (as.width == 0) {
        out.append(text);
        return;
    }
    const std::size_t taken = base::code_points(text);
    const std::size_t fill = as.width > taken ? as.width - taken : 0;
    out.append(as.left ? 0 : fill, ' ').append(text).append(as.left ? fill : 0, ' ');
}

class plain_format final : public format {
  public:
    plain_format(std::vector<piece> pieces, const std::string& datefmt, bool color)
        : pieces_(std::move(pieces)), asctime_(datefmt.empty() ? "%Y-%m-%d %H:%M:%S" : datefmt),
          millis_(datefmt.empty()), color_(color), since_(std::chrono::system_clock::now()) {}

    void write(const record& record, std::string& out) override {
        for (const piece& as : pieces_)
            append(record, as, out);
    }

  private:
    void append(const record& record, const piece& as, std::string& out) {
        std::array<char, 32> room;
        switch (as.kind) {
        case field::literal:
            out.append(as.text);
            break;
        case field::asctime:
            append_text(out, as, time_of(record));
            break;
        case field::created:
            append_number(out, as, seconds(record.time.time_since_epoch()));
            break;
        case field::msecs:
            append_number(out, as, double{1.0} * split(record.time).millis);
            break;
        case field::relative_created:
            append_number(out, as, seconds(record.time - since_) * 1000);
            break;
        case field::level_name:
            append_level(record.severity, as, out);
            break;
        case field::level_number:
            append_number(
                out, as, std::int64_t{level_numbers[static_cast<std::size_t>(record.severity)]}
            );
            break;
        case field::name:
            append_text(out, as, shown(record.logger));
            break;
        case field::message:
            append_text(out, as, shown(record.message));
            break;
        case field::process:
            append_number(out, as, std::int64_t{getpid()});
            break;
        case field::process_name:
            append_text(out, as, shown(program_invocation_short_name));
            break;
        case field::thread:
            append_number(out, as, std::int64_t{gettid()});
            break;
        case field::thread_name:
            append_text(out, as, shown(thread_name(room)));
            break;
        }
    }

    std::string_view shown(std::string_view text) {
        shown_.clear();
        base::append_visible(shown_, text, base::layout::log);
        return shown_;
    }

    static double seconds(std::chrono::system_clock::duration span) {
        return std::chrono::duration<double>(span).count();
    }

    std::string_view time_of(const record& record) {
        const split_time time = split(record.time);
        if (!millis_)
            return asctime_.at(time.seconds);
        text_.assign(asctime_.at(time.seconds)).append(",");
        append_millis(text_, time.millis);
        return text_;
    }

    void append_level(level severity, const piece& as, std::string& out) const {
        if (color_)
            out.append(level_colors[static_cast<std::size_t>(severity)]);
        append_text(out, as, name(severity));
        if (color_)
            out.append("\033[0m");
    }

    std::vector<piece> pieces_;
    time_text asctime_;
    bool millis_;
    bool color_;
    std::chrono::system_clock::time_point since_;
    std::string text_;
    std::string shown_;
};

bool colored(coloring how, bool terminal) {
    if (how != coloring::automatic)
        return how == coloring::always;
    return terminal && !base::variable("NO_COLOR");
}

} // namespace

std::unique_ptr<format> make_json_format(const formatter_spec& formatter);

format::~format() = default;

std::unique_ptr<format> make_format(const formatter_spec& formatter, format_target target) {
    if (formatter.as == look::json)
        return make_json_format(formatter);
    std::vector<pattern_error> reported_by_spec;
    return std::make_unique<plain_format>(
        parse_pattern(formatter.format, reported_by_spec),
        formatter.datefmt,
        colored(formatter.color, target == format_target::terminal)
    );
}

} // namespace aio::log
