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

app::load_request with_shared(app::load_request request, const command_line& shared) {
    request.files.insert(request.files.end(), shared.files.begin(), shared.files.end());
    request.overrides.insert(
        request.overrides.end(), shared.overrides.begin(), shared.overrides.end()
    );
    return request;
}

} // namespace aio::cli
