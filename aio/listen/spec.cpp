#include <aio/base/text.hpp>
#include <aio/base/units.hpp>
#include <aio/config/convert.hpp>
#include <aio/listen/registration.hpp>
#include <aio/listen/spec.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace aio::listen {
namespace {

/// One line of one signal's value.
struct line {
    const config::value* signal;
    std::string function;
    base::location where;
    const module::item* found = nullptr;
};

std::vector<line> lines_of(const config::section& from, const config::value& signal) {
    std::vector<line> all;
    const bool one_to_one =
        std::ranges::count(signal.raw, '\n') == std::ranges::count(signal.text, '\n');
    const std::vector<std::string_view> lines = base::lines(signal.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view text = base::strip(lines[i]);
        if (!text.empty())
            all.push_back(
                {&signal,
                 std::string(text),
                 one_to_one ? from.line_of(signal, i) : signal.text_where,
                 nullptr}
            );
    }
    return all;
}

std::vector<const config::schema*> schemas_of(const std::vector<line>& all) {
    std::vector<const config::schema*> schemas;
    for (const line& row : all)
        if (row.found)
            schemas.push_back(&row.found->options);
    return schemas;
}

bool declared(const std::vector<const config::schema*>& by, std::string_view name) {
    return std::ranges::any_of(by, [&](const auto* schema) {
        return schema->find(name) != nullptr;
    });
}

subscription subscription_of(const line& found) {
    subscription out;
    out.signal = found.signal->name;
    out.function = found.found;
    out.where = found.where;
    return out;
}

/// `queue = 100` is an option of the section; `queue = my.function` is a signal like any other.
bool says_how(const config::value& value) {
    return (value.name == "queue" || value.name == "queue_policy") &&
           value.text.find('.') == std::string::npos;
}

/// The error in its value; empty: none.
std::string read_how(const config::value& value, spec& out) {
    const std::string_view text = base::strip(value.text);
    if (value.name == "queue") {
        const auto most = base::parse_integer(text);
        if (config::exceeds(config::type::integer, text))
            return fmt::format(
                "'{}' is out of range, 0 to {}", text, std::numeric_limits<std::int64_t>::max()
            );
        if (!most || *most < 0)
            return fmt::format("'{}' is neither a number of events nor a function", text);
        out.queue = static_cast<std::size_t>(*most);
        return {};
    }
    using enum signal::queue_policy;
    constexpr std::pair<std::string_view, signal::queue_policy> known[] = {
        {"wait", wait}, {"drop_oldest", drop_oldest}, {"drop_newest", drop_newest}
    };
    for (const auto& [word, policy] : known) {
        if (text != word)
            continue;
        out.policy = policy;
        return {};
    }
    return fmt::format("'{}' is none of wait, drop_oldest, drop_newest", text);
}

} // namespace

spec read_spec(const config::section& from, service::planning& plan) {
    spec out;
    out.section = from.name();
    out.name = from.label();
    std::vector<line> all;
    std::vector<const config::value*> how;
    for (const config::value& signal : from.values()) {
        if (signal.inherited || !signal.good)
            continue;
        if (says_how(signal)) {
            how.push_back(&signal);
            continue;
        }
        auto more = lines_of(from, signal);
        if (more.empty())
            plan.problems->warning(
                signal.where,
                fmt::format("[{}] {}: nobody listens to this signal", from.name(), signal.name)
            );
        std::ranges::move(more, std::back_inserter(all));
    }
    for (line& row : all) // only after all lookups is it known whether a line names a function
        row.found = plan.look(kind_name, row.function);
    const auto schemas = schemas_of(all);
    const config::value* policy = nullptr;
    for (const config::value* value : how) {
        if (declared(schemas, value->name))
            continue;
        const std::string wrong = read_how(*value, out);
        if (wrong.empty() && value->name == "queue_policy")
            policy = value;
        if (!wrong.empty())
            plan.problems->error(
                value->text_where, fmt::format("[{}] {}: {}", from.name(), value->name, wrong)
            );
    }
    const auto is_queue = [](const config::value* value) { return value->name == "queue"; };
    if (policy && std::ranges::none_of(how, is_queue))
        plan.problems->warning(
            policy->where,
            fmt::format("[{}] queue_policy has no effect without a queue", from.name()),
            "add one, such as queue = 100"
        );
    for (line& row : all) {
        if (declared(schemas, row.signal->name))
            continue;
        if (row.found)
            out.all.push_back(subscription_of(row));
        else
            plan.resolve(kind_name, row.function, row.where); // reports
    }
    out.options = config::read(from, schemas, config::unknown::keep, *plan.problems);
    return out;
}

const void* identity_of(const module::item& function) {
    const void* const known = std::any_cast<const maker&>(function.object)(nullptr).identity();
    return known ? known : &function;
}

call_key key_of(const subscription& listed) {
    return {listed.signal, identity_of(*listed.function)};
}

namespace {

/// The first option that two sections give a function differently; empty: none.
std::string difference(const spec& a, const spec& b, const module::item& function) {
    if (a.queue != b.queue)
        return "queue";
    if (a.queue > 0 && a.policy != b.policy)
        return "queue_policy";
    for (const config::option& own : function.options.all())
        if (a.options.normal_text(own.name) != b.options.normal_text(own.name))
            return own.name;
    return {};
}

struct place {
    const spec* section;
    const subscription* listed;
};

/// Of two sections that name one function for one signal.
void check_pair(
    const spec& first,
    const subscription& known,
    const spec& second,
    const subscription& again,
    base::diagnostics& problems
) {
    const std::string differs = difference(first, second, *again.function);
    if (differs.empty())
        return;
    problems.error(
        again.where,
        fmt::format(
            "[{}] {}: {} already listens to this signal in [{}] ({}), with another '{}'",
            second.section,
            again.signal,
            again.function->name,
            first.section,
            base::render(known.where),
            differs
        ),
        "a function hears a signal once: name it in one of the two sections, or give both the same "
        "options"
    );
}

} // namespace

void check(const std::vector<spec>& sections, base::diagnostics& problems) {
    std::map<call_key, place> first_places;
    for (const spec& section : sections)
        for (const subscription& listed : section.all) {
            const auto [known, is_first] =
                first_places.try_emplace(key_of(listed), place{&section, &listed});
            const place& first = known->second;
            if (!is_first && first.section != &section)
                check_pair(*first.section, *first.listed, section, listed, problems);
        }
}

} // namespace aio::listen
