#include <aio/log/rotation.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace aio::log {

namespace {

constexpr std::time_t day = 24 * 60 * 60;

std::time_t unit(period value) {
    switch (value) {
    case period::second:
        return 1;
    case period::minute:
        return 60;
    case period::hour:
        return 60 * 60;
    case period::day:
    case period::midnight:
        return day;
    case period::weekday:
        return 7 * day;
    }
    return day;
}

const char* suffix_form(period value) {
    switch (value) {
    case period::second:
        return ".%Y-%m-%d_%H-%M-%S";
    case period::minute:
        return ".%Y-%m-%d_%H-%M";
    case period::hour:
        return ".%Y-%m-%d_%H";
    default:
        return ".%Y-%m-%d";
    }
}

std::tm parts_of(std::time_t time, bool utc) {
    std::tm parts{};
    if (utc)
        gmtime_r(&time, &parts);
    else
        localtime_r(&time, &parts);
    return parts;
}

/// Midnight `days` after the day of `from`, on the calendar: days of 23 and 25 hours count as one.
std::time_t midnight_after(const timed_args& args, std::time_t from, int days) {
    std::tm parts = parts_of(from, args.utc);
    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    parts.tm_mday += days;
    parts.tm_isdst = -1;
    return args.utc ? timegm(&parts) : std::mktime(&parts);
}

} // namespace

bool too_large(const rotating_args& args, std::uint64_t size, std::uint64_t added) noexcept {
    return args.max_bytes != 0 && args.backups != 0 && size != 0 && size + added > args.max_bytes;
}

std::time_t next_rollover(const timed_args& args, std::time_t now) {
    if (args.every == period::midnight)
        return midnight_after(args, now, static_cast<int>(args.interval));
    if (args.every == period::weekday) {
        // At the midnight that ends the given day, as Python does.
        const int today = (parts_of(now, args.utc).tm_wday + 6) % 7;
        const int wait = (static_cast<int>(args.weekday) - today + 7) % 7;
        return midnight_after(args, now, wait + 1 + 7 * (static_cast<int>(args.interval) - 1));
    }
    return now + unit(args.every) * static_cast<std::time_t>(args.interval);
}

std::string part_suffix(const timed_args& args, std::time_t rollover) {
    std::time_t start = rollover - unit(args.every) * static_cast<std::time_t>(args.interval);
    if (args.every == period::midnight)
        start = midnight_after(args, rollover, -static_cast<int>(args.interval));
    if (args.every == period::weekday)
        start = midnight_after(args, rollover, -7 * static_cast<int>(args.interval));
    const std::tm parts = parts_of(start, args.utc);
    std::array<char, 64> room;
    return {room.data(), std::strftime(room.data(), room.size(), suffix_form(args.every), &parts)};
}

namespace {

/// True for what part_suffix() makes without a number.
bool is_plain_suffix(const timed_args& args, std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return std::ranges::equal(text, part_suffix(args, 0), [&](char a, char b) {
        return digit(b) ? digit(a) : a == b;
    });
}

/// The number behind the last dot, when it was added to a name that was taken: "x.2026-11-21.2".
struct numbered {
    std::string_view name;
    unsigned number = 0;
};

numbered split_number(const timed_args& args, std::string_view text) {
    const std::size_t plain = part_suffix(args, 0).size();
    const std::size_t dot = text.rfind('.');
    if (dot == text.npos || dot < plain || !is_plain_suffix(args, text.substr(dot - plain, plain)))
        return {text};
    const std::string_view digits = text.substr(dot + 1);
    unsigned number = 0;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (wrong != std::errc{} || end != digits.data() + digits.size() || number == 0)
        return {text};
    return {text.substr(0, dot), number};
}

} // namespace

std::string part_suffix(const timed_args& args, std::time_t rollover, unsigned number) {
    std::string made = part_suffix(args, rollover);
    return number == 0 ? made : made + "." + std::to_string(number);
}

bool is_part_suffix(const timed_args& args, std::string_view text) {
    return is_plain_suffix(args, split_number(args, text).name);
}

std::vector<std::string>
superfluous(const timed_args& args, std::vector<std::string> parts, std::string_view made) {
    if (args.backups == 0 || parts.size() <= args.backups)
        return {};
    const auto older = [&](std::string_view a, std::string_view b) {
        const numbered first = split_number(args, a), second = split_number(args, b);
        return std::tie(first.name, first.number) < std::tie(second.name, second.number);
    };
    std::erase_if(parts, [&](const std::string& part) { return older(made, part); });
    std::ranges::sort(parts, older);
    parts.resize(parts.size() - std::min<std::size_t>(parts.size(), args.backups));
    return parts;
}

} // namespace aio::log
