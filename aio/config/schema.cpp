#include <aio/base/text.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/schema.hpp>

#include <fmt/format.h>

#include <array>

namespace aio::config {

namespace {

struct naming {
    std::string_view name, description;
};

// In the order of `type`.
constexpr std::array<naming, 10> namings{{
    {"nothing", "nothing"},
    {"boolean", "yes or no"},
    {"whole number", "a whole number"},
    {"number", "a number"},
    {"text", "text"},
    {"duration", "a duration such as 500ms or 1m30s"},
    {"size", "a size such as 64k or 1M"},
    {"rate", "a rate such as 10/s"},
    {"list", "a list, one entry a line"},
    {"choice", "one of a few words"},
}};

struct writer {
    std::string operator()(std::monostate) const { return {}; }

    std::string operator()(bool v) const { return v ? "yes" : "no"; }

    std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }

    std::string operator()(double v) const { return fmt::format("{}", v); }

    std::string operator()(const std::string& v) const { return v; }

    std::string operator()(base::duration v) const { return base::format(v); }

    std::string operator()(base::size v) const { return base::format(v); }

    std::string operator()(base::rate v) const { return base::format(v); }

    std::string operator()(const base::list& v) const { return base::join(v, "\n"); }

    std::string operator()(const base::choice& v) const { return v.value; }
};

} // namespace

std::string_view describe(type value_type) {
    return namings[static_cast<std::size_t>(value_type)].description;
}

std::string_view name_of(type value_type) {
    return namings[static_cast<std::size_t>(value_type)].name;
}

std::string to_text(const typed& value) {
    return std::visit(writer{}, value);
}

schema& schema::add(std::string_view name, type value_type, std::string_view help) {
    struct option fresh;
    fresh.name = fold(name);
    fresh.value_type = value_type;
    fresh.help = help;
    options_.push_back(std::move(fresh));
    return *this;
}

schema& schema::add(std::string_view name, typed standard, std::string_view help) {
    add(name, static_cast<type>(standard.index()), help);
    struct option& fresh = options_.back();
    if (const auto* words = std::get_if<base::choice>(&standard))
        fresh.allowed = words->allowed;
    fresh.standard = std::move(standard);
    return *this;
}

schema& schema::declare(struct option option) {
    options_.push_back(std::move(option));
    return *this;
}

schema& schema::required() {
    options_.back().required = true;
    return *this;
}

schema& schema::secret() {
    options_.back().secret = true;
    return *this;
}

schema& schema::filled() {
    options_.back().filled = true;
    return *this;
}

schema& schema::least(double value) {
    options_.back().least = value;
    return *this;
}

schema& schema::most(double value) {
    options_.back().most = value;
    return *this;
}

schema& schema::within(number_range range) {
    return least(static_cast<double>(range.least)).most(static_cast<double>(range.most));
}

schema& schema::words(std::vector<std::string> instead) {
    options_.back().words = std::move(instead);
    return *this;
}

schema& schema::allowed(std::vector<std::string> words) {
    options_.back().allowed = std::move(words);
    return *this;
}

schema& schema::check(text_check wrong) {
    options_.back().check = wrong;
    return *this;
}

schema& schema::reserved(std::string_view why) {
    options_.back().reserved = why;
    return *this;
}

const option* schema::find(std::string_view name) const noexcept {
    std::string room;
    const std::string_view folded = fold(name, room);
    for (const struct option& declared : options_)
        if (declared.name == folded)
            return &declared;
    return nullptr;
}

} // namespace aio::config
