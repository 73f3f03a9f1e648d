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
signed_option(char sign, const section& in, const value& option, const render_options& how) {
    std::string out;
    const std::string text = render_option(in, option, how);
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
        out += sign + text.substr(at, text.find('\n', at) + 1 - at);
    return out;
}

} // namespace

std::string shown_text(const value& option, const render_options& how) {
    const bool raw = how.values == values_as::raw;
    if (!how.show_secrets && (raw ? option.declared_secret : option.secret))
        return std::string{base::secret_mask};
    return raw ? option.raw : option.text;
}

std::string render_option(const section& in, const value& option, const render_options& how) {
    std::string out = fmt::format("{} = {}", option.name, with_tabs(shown_text(option, how)));
    if (!how.origin)
        return out + '\n';
    out += fmt::format("  # {}\n", place_of(option.where));
    const bool hidden = option.secret && !how.show_secrets;
    for (const overridden& old : in.replaced(option))
        out += fmt::format(
            "# over {}: {}\n",
            place_of(old.where),
            hidden ? std::string{base::secret_mask} : first_line(old.raw)
        );
    return out;
}

std::string render_section(const section& of, const render_options& how) {
    std::string out;
    for (const value& one : of.values())
        if (is_shown(one, how))
            out += render_option(of, one, how);
    return out;
}

std::string render_dump(const tree& all, const render_options& how) {
    std::string out = fmt::format("[DEFAULT]\n{}\n", render_section(all.defaults(), how));
    for (const section& one : all.sections())
        out += fmt::format("[{}]\n{}\n", one.name(), render_section(one, how));
    return out;
}

std::string render_diff(const tree& standard, const tree& all, const render_options& how) {
    std::string out;
    for (const changed_section& in : difference(standard, all)) {
        out += fmt::format("[{}]\n", in.name());
        for (const change& one : in.options) {
            if (one.before)
                out += signed_option('-', *in.before, *one.before, how);
            if (one.after)
                out += signed_option('+', *in.after, *one.after, how);
        }
        out += '\n';
    }
    return out;
}

} // namespace aio::config
