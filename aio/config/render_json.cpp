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

std::string overrides_json(const section& section, const value& option, bool hidden) {
    std::string out;
    for (const overridden& old : section.replaced(option))
        out += fmt::format(
            "{}{{\"origin\": {}, \"value\": {}}}",
            out.empty() ? "" : ", ",
            place_json(old.where),
            base::json_quote(hidden ? base::secret_mask : std::string_view{old.raw})
        );
    return '[' + out + ']';
}

std::string value_json(
    const section& section, const value& option, const render_options& how, std::size_t depth
) {
    const bool known = option.good || how.values == values_as::raw;
    std::string text = known ? base::json_quote(shown_text(option, how)) : "null";
    if (!how.origin)
        return text;
    members all{depth};
    all.add("value", text);
    all.add("origin", place_json(option.where));
    all.add("overrides", overrides_json(section, option, option.secret && !how.show_secrets));
    return all.text();
}

std::string section_json(const section& section, const render_options& how, std::size_t depth) {
    members all{depth};
    for (const value& option : section.values())
        all.add(option.name, value_json(section, option, how, depth + 1));
    return all.text();
}

// The plain case is a walk over the property tree.
std::string ptree_json(const ptree& target, bool show_secrets) {
    members sections{0};
    for (const auto& [name, node] : target) {
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

std::string render_json(const tree& configuration, const render_options& how) {
    if (!how.origin && how.values == values_as::interpolated)
        return ptree_json(to_ptree(configuration), how.show_secrets);
    members all{0};
    all.add(configuration.defaults().name(), section_json(configuration.defaults(), how, 1));
    for (const section& owner : configuration.sections())
        all.add(owner.name(), section_json(owner, how, 1));
    return all.text();
}

std::string render_json(const section& section, const render_options& how) {
    return section_json(section, how, 0);
}

std::string render_json(const section& section, const value& option, const render_options& how) {
    return value_json(section, option, how, 0);
}

std::string render_diff_json(const tree& standard, const tree& all, const render_options& how) {
    members sections{0};
    for (const changed_section& changed : difference(standard, all)) {
        members options{1};
        for (const change& one : changed.options) {
            members both{2};
            both.add(
                "default", one.before ? value_json(*changed.before, *one.before, how, 3) : "null"
            );
            both.add("value", one.after ? value_json(*changed.after, *one.after, how, 3) : "null");
            options.add((one.after ? one.after : one.before)->name, both.text());
        }
        sections.add(changed.name(), options.text());
    }
    return sections.text();
}

} // namespace aio::config
