#include <aio/base/text.hpp>
#include <aio/config/difference.hpp>
#include <aio/config/property_tree.hpp>
#include <aio/config/render.hpp>

#include <fmt/format.h>

namespace aio::config {

namespace {

// Members of an object, one per line, indented.
class members {
  public:
    explicit members(std::size_t depth) : indent_((depth + 1) * 2, ' '), end_(depth * 2, ' ') {}

    void add(std::string_view name, std::string_view json) {
        body_ += fmt::format(
            "{}\n{}{}: {}", body_.empty() ? "" : ",", indent_, base::json_quote(name), json
        );
    }

    std::string text() const {
        return body_.empty() ? "{}" : fmt::format("{{{}\n{}}}", body_, end_);
    }

  private:
    std::string indent_, end_, body_;
};

std::string place_json(const base::location& where) {
    base::location line = where;
    line.column = 0;
    return where.from ? base::json_quote(base::render(line)) : "null";
}

std::string overrides_json(const section& in, const value& option, bool hidden) {
    std::string out;
    for (const overridden& old : in.replaced(option))
        out += fmt::format(
            "{}{{\"origin\": {}, \"value\": {}}}",
            out.empty() ? "" : ", ",
            place_json(old.where),
            base::json_quote(hidden ? base::secret_mask : std::string_view{old.raw})
        );
    return '[' + out + ']';
}

std::string
value_json(const section& in, const value& option, const render_options& how, std::size_t depth) {
    const bool known = option.good || how.values == values_as::raw;
    std::string text = known ? base::json_quote(shown_text(option, how)) : "null";
    if (!how.origin)
        return text;
    members all{depth};
    all.add("value", text);
    all.add("origin", place_json(option.where));
    all.add("overrides", overrides_json(in, option, option.secret && !how.show_secrets));
    return all.text();
}

std::string section_json(const section& of, const render_options& how, std::size_t depth) {
    members all{depth};
    for (const value& one : of.values())
        all.add(one.name, value_json(of, one, how, depth + 1));
    return all.text();
}

// The plain case is a walk over the property tree.
std::string ptree_json(const ptree& of, bool show_secrets) {
    members sections{0};
    for (const auto& [name, node] : of) {
        members options{1};
        for (const auto& [option, leaf] : node) {
            const ptree_value& v = leaf.data();
            const bool hidden = v.secret && !show_secrets;
            const std::string_view text = hidden ? base::secret_mask : std::string_view{v.text};
            options.add(option, v.good ? base::json_quote(text) : "null");
        }
        sections.add(name, options.text());
    }
    return sections.text();
}

} // namespace

std::string render_json(const tree& of, const render_options& how) {
    if (!how.origin && how.values == values_as::interpolated)
        return ptree_json(to_ptree(of), how.show_secrets);
    members all{0};
    all.add(of.defaults().name(), section_json(of.defaults(), how, 1));
    for (const section& one : of.sections())
        all.add(one.name(), section_json(one, how, 1));
    return all.text();
}

std::string render_json(const section& of, const render_options& how) {
    return section_json(of, how, 0);
}

std::string render_json(const section& in, const value& option, const render_options& how) {
    return value_json(in, option, how, 0);
}

std::string render_diff_json(const tree& standard, const tree& all, const render_options& how) {
    members sections{0};
    for (const changed_section& in : difference(standard, all)) {
        members options{1};
        for (const change& one : in.options) {
            members both{2};
            both.add("default", one.before ? value_json(*in.before, *one.before, how, 3) : "null");
            both.add("value", one.after ? value_json(*in.after, *one.after, how, 3) : "null");
            options.add((one.after ? one.after : one.before)->name, both.text());
        }
        sections.add(in.name(), options.text());
    }
    return sections.text();
}

} // namespace aio::config
