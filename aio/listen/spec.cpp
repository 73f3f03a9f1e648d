#include <aio/base/text.hpp>
#include <aio/listen/registration.hpp>
#include <aio/listen/spec.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::listen {
namespace {

/// One line of one signal's value.
struct line {
    const config::value* signal;
    std::string function;
    base::location where;
    const module::item* found = nullptr;
    base::diagnostics problems;
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
                 nullptr,
                 {}}
            );
    }
    return all;
}

/// Resolves quietly: whether a line is a function at all is known only when all are.
void resolve(line& one, service::planning& with) {
    base::diagnostics* outer = std::exchange(with.problems, &one.problems);
    one.found = with.resolve(kind_name, one.function, one.where);
    with.problems = outer;
}

std::vector<const config::schema*> schemas_of(const std::vector<line>& all) {
    std::vector<const config::schema*> schemas;
    for (const line& one : all)
        if (one.found)
            schemas.push_back(&one.found->options);
    return schemas;
}

bool declared(const std::vector<const config::schema*>& by, std::string_view name) {
    return std::ranges::any_of(by, [&](const auto* one) { return one->find(name) != nullptr; });
}

} // namespace

spec read_spec(const config::section& from, service::planning& with) {
    spec out;
    out.section = from.name();
    out.name = from.label();
    std::vector<line> all;
    for (const config::value& signal : from.values()) {
        if (signal.inherited || !signal.good)
            continue;
        auto more = lines_of(from, signal);
        if (more.empty())
            with.problems->warning(
                signal.where,
                fmt::format("[{}] {}: nobody listens to this signal", from.name(), signal.name)
            );
        std::ranges::move(more, std::back_inserter(all));
    }
    for (line& one : all)
        resolve(one, with);
    const auto schemas = schemas_of(all);
    for (line& one : all) {
        if (declared(schemas, one.signal->name))
            continue;
        with.problems->add(one.problems);
        if (one.found)
            out.all.push_back({one.signal->name, one.found});
    }
    out.options = config::read(from, schemas, config::unknown::keep, *with.problems);
    return out;
}

} // namespace aio::listen
