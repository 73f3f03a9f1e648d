#include <aio/config/difference.hpp>
#include <aio/config/render.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace aio::config {

namespace {

// A value below "option = ": each further line begins with a tab.
std::string with_tabs(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c;
        if (c == '\n')
            out += '\t';
    }
    return out;
}

std::string first_line(std::string_view text) {
    const std::size_t end = text.find('\n');
    return fmt::format("{}{}", text.substr(0, end), end == text.npos ? "" : " ...");
}

std::string place_of(const base::location& where) {
    base::location line = where;
    line.column = 0;
    return base::render(line);
}

bool is_shown(const value& option, const render_options& how) {
    return option.good || how.values == values_as::raw;
}

// An option with a sign before each of its lines.
std::string
signed_option(char sign, const section& section, const value& option, const render_options& how) {
    std::string out;
    const std::string text = render_option(section, option, how);
    for (std::size_t index = 0; index < text.size(); index = text.find('\n', index) + 1)
        out += sign + text.substr(index, text.find('\n', index) + 1 - index);
    return out;
}

} // namespace

std::string shown_text(const value& option, const render_options& how) {
    const bool raw = how.values == values_as::raw;
    if (!how.show_secrets && (raw ? option.declared_secret : option.secret))
        return std::string{base::secret_mask};
    return raw ? option.raw : option.text;
}

std::string render_option(const section& section, const value& option, const render_options& how) {
    std::string out = fmt::format("{} = {}", option.name, with_tabs(shown_text(option, how)));
    if (!how.origin)
        return out + '\n';
    out += fmt::format("  # {}\n", place_of(option.where));
    const bool hidden = option.secret && !how.show_secrets;
    for (const overridden& old : section.replaced(option))
        out += fmt::format(
            "# over {}: {}\n",
            place_of(old.where),
            hidden ? std::string{base::secret_mask} : first_line(old.raw)
        );
    return out;
}

std::string render_section(const section& section, const render_options& how) {
    std::string out;
    for (const value& option : section.values())
        if (is_shown(option, how))
            out += render_option(section, option, how);
    return out;
}

std::string render_dump(const tree& all, const render_options& how) {
    std::string out = fmt::format("[DEFAULT]\n{}\n", render_section(all.defaults(), how));
    for (const section& owner : all.sections())
        out += fmt::format("[{}]\n{}\n", owner.name(), render_section(owner, how));
    return out;
}

std::string render_diff(const tree& standard, const tree& all, const render_options& how) {
    std::string out;
    for (const changed_section& changed : difference(standard, all)) {
        out += fmt::format("[{}]\n", changed.name());
        for (const change& one : changed.options) {
            if (one.before)
                out += signed_option('-', *changed.before, *one.before, how);
            if (one.after)
                out += signed_option('+', *changed.after, *one.after, how);
        }
        out += '\n';
    }
    return out;
}

} // namespace aio::config
