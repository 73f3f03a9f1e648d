#include <aio/base/source_lines.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/report.hpp>
#include <aio/config/secrets.hpp>

#include <fmt/core.h>

namespace aio::cli {

bool report(base::diagnostics problems) {
    problems.sort();
    base::print_error(base::render(problems));
    return problems.failed();
}

bool report(const base::diagnostics& problems, const config::tree& configuration) {
    return report(config::masked(problems, configuration));
}

std::string diagnostics_json(base::diagnostics problems) {
    const auto number = [](std::uint32_t value) {
        return value == 0 ? "null" : std::to_string(value);
    };
    const auto text = [](const std::string& name) {
        return name.empty() ? "null" : base::json_quote(name);
    };
    std::string out;
    base::source_lines sources;
    problems.sort();
    for (const base::diagnostic& problem : problems)
        out += fmt::format(
            "{}\n  {{\"file\": {}, \"line\": {}, \"column\": {}, \"severity\": \"{}\", "
            "\"message\": {}, \"hint\": {}}}",
            out.empty() ? "" : ",",
            text(problem.where.from ? problem.where.from->name : ""),
            number(problem.where.line),
            number(problem.where.column),
            problem.level == base::severity::error ? "error" : "warning",
            text(problem.text),
            text(base::full_hint(problem, sources))
        );
    return out.empty() ? "[]" : '[' + out + "\n]";
}

app::load_request with_shared(app::load_request request, const command_line& shared) {
    request.files.insert(request.files.end(), shared.files.begin(), shared.files.end());
    request.overrides.insert(
        request.overrides.end(), shared.overrides.begin(), shared.overrides.end()
    );
    return request;
}

} // namespace aio::cli
