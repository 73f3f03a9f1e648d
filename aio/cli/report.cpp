#include <aio/cli/report.hpp>

#include <fmt/core.h>

#include <cstdio>

namespace aio::cli {

bool report(base::diagnostics problems) {
    problems.sort();
    fmt::print(stderr, "{}", base::render(problems));
    return problems.failed();
}

app::load_request with_shared(app::load_request request, const command_line& shared) {
    request.files.insert(request.files.end(), shared.files.begin(), shared.files.end());
    request.overrides.insert(
        request.overrides.end(), shared.overrides.begin(), shared.overrides.end()
    );
    return request;
}

} // namespace aio::cli
