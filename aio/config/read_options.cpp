#include <aio/base/lookalike.hpp>
#include <aio/base/text.hpp>
#include <aio/config/convert.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/options_state.hpp>
#include <aio/config/tree.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace aio::config {

namespace {

struct reading {
    const section& from;
    std::span<const schema* const> by;
    unknown policy;
    base::diagnostics& to;

    const option* declared(std::string_view name) const {
        for (const schema* target : by)
            if (const option* found = target->find(name))
                return found;
        return nullptr;
    }

    std::string about(std::string_view name) const {
        return fmt::format("[{}] {}", from.name(), name);
    }
};

// The value for an option that has neither value nor default. The mistake is reported already, so
// reading the option must not throw as well.
typed zero_of(type value_type) {
    switch (value_type) {
    case type::boolean:
        return false;
    case type::integer:
        return std::int64_t{0};
    case type::real:
        return 0.0;
    case type::duration:
        return base::duration{0};
    case type::size:
        return base::size{};
    case type::rate:
        return base::rate{};
    case type::list:
        return base::list{};
    case type::choice:
        return base::choice{};
    default:
        return std::string{};
    }
}

void add_defaults(options::state& state, std::span<const schema* const> schemas) {
    for (const schema* target : schemas) {
        for (const option& o : target->all()) {
            held fresh;
            fresh.value = o.standard;
            state.declared.add(o.name, std::move(fresh));
        }
    }
}

std::vector<base::location> entry_places(const section& from, const value& option) {
    std::vector<base::location> out;
    // Each entry of a value without references has a line of its own. In an interpolated value, the
    // place of the option has to do.
    const bool as_written = option.raw.find('$') == std::string::npos;
    const std::vector<std::string_view> lines = base::lines(option.text);
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (!base::strip(lines[i]).empty())
            out.push_back(as_written ? from.line_of(option, i) : option.text_where);
    return out;
}

/// Whether the text has no mistake inside; those it has are reported.
bool passes(const reading& r, const option& o, const value& v) {
    if (!o.check)
        return true;
    std::vector<text_mistake> mistakes = o.check(v.text);
    if ((v.secret || o.secret) && !mistakes.empty())
        mistakes = {{0, fmt::format("{} has a mistake in it", base::secret_mask), {}}};
    for (const text_mistake& each : mistakes)
        r.to.error(
            r.from.place_of(v, each.offset),
            fmt::format("{}: {}", r.about(o.name), each.text),
            each.hint
        );
    return mistakes.empty();
}

void read_one(const reading& r, const option& o, const value& v, held& into) {
    into.where = v.where;
    if (!v.good)
        return;
    into.is_given = true;
    const std::string word = base::lower_ascii(base::strip(v.text));
    if (std::find(o.words.begin(), o.words.end(), word) != o.words.end()) {
        into.word = word;
        return;
    }
    converted result = convert(o, v.text);
    if (!result.wrong.empty()) {
        const std::string shown =
            v.secret || o.secret ? std::string{base::secret_mask} : result.shown;
        r.to.error(v.text_where, r.about(o.name) + ": " + shown + " " + result.wrong, result.hint);
        return;
    }
    if (!passes(r, o, v))
        return;
    into.value = std::move(result.value);
    if (o.value_type == type::list)
        into.entries = entry_places(r.from, v);
}

void report_unknown(const reading& r, const value& v) {
    std::vector<std::string> names;
    for (const schema* target : r.by)
        for (const option& o : target->all())
            if (o.reserved.empty())
                names.push_back(o.name);
    std::string hint = base::did_you_mean(v.name, names);
    if (r.policy == unknown::near_error) {
        const auto near = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
            return base::nearly(v.name, name);
        });
        if (near == names.end())
            return;
        hint = fmt::format("did you mean '{}'?", *near);
    }
    if (const auto near = base::nearest(v.name, names, 1); !near.empty())
        hint = base::with_seeming(std::move(hint), v.name, near.front());
    r.to.error(
        v.where, fmt::format("unknown option '{}' in [{}]", v.name, r.from.name()), std::move(hint)
    );
}

// A line of a value that looks like an option of this section was probably meant to be one.
void warn_swallowed(const reading& r, const value& v) {
    const std::vector<std::string_view> lines = base::lines(v.raw);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::string_view line = lines[i];
        const std::size_t delimiter = line.find_first_of("=:");
        if (delimiter == std::string_view::npos)
            continue;
        const std::string name = fold(base::strip(line.substr(0, delimiter)));
        if (const option* known = r.declared(name); known && known->reserved.empty())
            r.to.warning(
                r.from.line_of(v, i),
                fmt::format("'{}' is part of the value of '{}', not an option", name, v.name),
                fmt::format(
                    "it is indented deeper than line {}: start it there to set '{}'",
                    v.where.line,
                    name
                )
            );
    }
}

// The default of a secret is a secret too, except "no", which would hide ordinary quoted words.
void learn_defaults(const reading& r, options::state& s) {
    for (const schema* target : r.by)
        for (const option& o : target->all())
            if (o.secret && !s.declared[o.name].is_given &&
                !std::holds_alternative<bool>(o.standard))
                if (std::string text = to_text(o.standard); !text.empty())
                    r.from.learn_secret_text(std::move(text));
}

void check_required(const reading& r, options::state& s) {
    for (const schema* target : r.by) {
        for (const option& o : target->all()) {
            if (!o.required || r.declared(o.name) != &o || s.declared[o.name].where.from)
                continue;
            r.to.error(
                r.from.where(),
                fmt::format("[{}] needs the option '{}'", r.from.name(), o.name),
                o.help.empty() ? std::string{} : fmt::format("{}: {}", o.name, o.help)
            );
        }
    }
}

/// "proxy_protocol = required".
std::string with_value(std::string_view name, std::string_view value) {
    return value.empty() ? std::string(name) : fmt::format("{} = {}", name, value);
}

void warn_needs(const reading& r, const option& o, const options& read) {
    const value* written = r.from.find(o.name);
    if (!written || written->inherited || !read.given(o.name))
        return;
    for (const option_need& each : o.needs) {
        const bool asks = each.when.empty() || read.normal_text(o.name) == each.when;
        const bool met = read.given(each.option) &&
                         (each.value.empty() || read.normal_text(each.option) == each.value);
        if (asks && !met)
            r.to.warning(
                written->where,
                fmt::format(
                    "[{}] {} needs {}",
                    r.from.name(),
                    with_value(o.name, each.when),
                    with_value(each.option, each.value)
                ),
                "unless code sets that itself"
            );
    }
}

} // namespace

options read(
    const section& from,
    std::span<const schema* const> schemas,
    unknown policy,
    base::diagnostics& problems
) {
    const reading r{from, schemas, policy, problems};
    const auto out = std::make_shared<options::state>();
    out->section = from.name();
    out->header = from.where();
    add_defaults(*out, schemas);
    for (const value& v : from.values()) {
        const option* known = r.declared(v.name);
        if (v.good)
            out->texts.emplace(v.name, v.text);
        if (known && !known->reserved.empty()) {
            if (!v.inherited)
                problems.error(
                    v.where,
                    fmt::format("[{}] {}: not in this version", from.name(), v.name),
                    known->reserved
                );
        } else if (known) {
            if (known->secret && !v.secret)
                from.learn_secret(v.name);
            read_one(r, *known, v, out->declared[v.name]);
        } else if (!v.inherited && policy != unknown::keep) {
            report_unknown(r, v);
        }
        if (!v.inherited)
            warn_swallowed(r, v);
    }
    check_required(r, *out);
    learn_defaults(r, *out);
    for (const schema* target : schemas)
        for (const option& o : target->all())
            if (held& h = out->declared[o.name];
                o.required && std::holds_alternative<std::monostate>(h.value))
                h.value = zero_of(o.value_type);
    const options made(out);
    for (const schema* target : schemas)
        for (const option& o : target->all())
            if (!o.needs.empty())
                warn_needs(r, o, made);
    return made;
}

options defaults(std::string_view section_name, std::span<const schema* const> schemas) {
    const auto out = std::make_shared<options::state>();
    out->section = section_name;
    add_defaults(*out, schemas);
    return options{out};
}

} // namespace aio::config
