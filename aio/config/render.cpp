#include <aio/config/render.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace aio::config {

namespace {

// A value below "option = ": its further lines stand behind a tab.
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

bool is_shown(const value& of, const render_options& how) {
    return of.good || how.values == values_as::raw;
}

std::string signed_lines(char sign, std::string_view name, std::string_view text) {
    std::string out = fmt::format("{}{} = ", sign, name);
    for (const char c : with_tabs(text)) {
        out += c;
        if (c == '\n')
            out += sign;
    }
    return out + '\n';
}

// The lines of one section in which two configurations differ. Inherited options are those of
// [DEFAULT], which is compared itself.
std::string
section_difference(const section* standard, const section* now, const render_options& how) {
    std::string out;
    const auto own = [](const section* in, std::string_view name) -> const value* {
        const value* found = in ? in->find(name) : nullptr;
        return found && !found->inherited && found->good ? found : nullptr;
    };
    if (standard) {
        for (const value& one : standard->values()) {
            const value* other = own(now, one.name);
            if (one.inherited || !one.good || (other && other->text == one.text))
                continue;
            out += signed_lines('-', one.name, shown_text(one, how));
            if (other)
                out += signed_lines('+', one.name, shown_text(*other, how));
        }
    }
    if (now) {
        for (const value& one : now->values())
            if (!one.inherited && one.good && !own(standard, one.name))
                out += signed_lines('+', one.name, shown_text(one, how));
    }
    return out;
}

void append_difference(
    std::string& to, const section* standard, const section* now, const render_options& how
) {
    const std::string lines = section_difference(standard, now, how);
    if (!lines.empty())
        to += fmt::format("[{}]\n{}\n", (now ? now : standard)->name(), lines);
}

} // namespace

std::string shown_text(const value& of, const render_options& how) {
    const bool raw = how.values == values_as::raw;
    if (!how.show_secrets && (raw ? of.declared_secret : of.secret))
        return std::string{base::secret_mask};
    return raw ? of.raw : of.text;
}

std::string render_option(const section& in, const value& of, const render_options& how) {
    std::string out = fmt::format("{} = {}", of.name, with_tabs(shown_text(of, how)));
    if (!how.origin)
        return out + '\n';
    out += fmt::format("  # {}\n", place_of(of.where));
    const bool hidden = of.secret && !how.show_secrets;
    for (const overridden& old : in.replaced(of))
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

std::string render_dump(const tree& of, const render_options& how) {
    std::string out = fmt::format("[DEFAULT]\n{}\n", render_section(of.defaults(), how));
    for (const section& one : of.sections())
        out += fmt::format("[{}]\n{}\n", one.name(), render_section(one, how));
    return out;
}

std::string render_diff(const tree& standard, const tree& of, const render_options& how) {
    std::string out;
    append_difference(out, &standard.defaults(), &of.defaults(), how);
    for (const section& one : of.sections())
        append_difference(out, standard.find(one.name()), &one, how);
    for (const section& one : standard.sections())
        if (!of.find(one.name()))
            append_difference(out, &one, nullptr, how);
    return out;
}

} // namespace aio::config
