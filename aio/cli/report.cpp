#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/cli/report.hpp>
#include <aio/config/secrets.hpp>

#include <fmt/core.h>

#include <cstdio>

namespace aio::cli {

bool report(base::diagnostics problems) {
    problems.sort();
    fmt::print(stderr, "{}", base::render(problems));
    return problems.failed();
}

bool report(const base::diagnostics& problems, const config::tree& of) {
    return report(config::masked(problems, of));
}

void complain(std::string_view text) {
    fmt::print(stderr, "aio: {}\n", base::visible(text));
}

std::string diagnostics_json(base::diagnostics problems) {
    const auto number = [](std::uint32_t of) { return of == 0 ? "null" : std::to_string(of); };
    const auto text = [](const std::string& of) {
        return of.empty() ? "null" : base::json_quote(of);
    };
    std::string out;
    problems.sort();
    for (const base::diagnostic& one : problems)
        out += fmt::format(
            "{}\n  {{\"file\": {}, \"line\": {}, \"column\": {}, \"severity\": \"{}\", "
            "\"message\": {}, \"hint\": {}}}",
            out.empty() ? "" : ",",
            text(one.where.from ? one.where.from->name : ""),
            number(one.where.line),
            number(one.where.column),
            one.level == base::severity::error ? "error" : "warning",
            text(one.text),
            text(base::full_hint(one))
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
