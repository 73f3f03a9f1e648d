#include <aio/app/app.hpp>
#include <aio/app/patient_servers.hpp>
#include <aio/app/tls_contents.hpp>
#include <aio/config/secrets.hpp>

namespace aio::app {

configuration configure(const load_request& request) {
    configuration result;
    result.source = load(request);
    result.problems = result.source.problems;
    result.plan = make_plan(result.source.tree, result.problems);
    if (request.every_warning) {
        warn_of_patient_servers(result.plan, result.source.tree, result.problems);
        check_tls_contents(result.plan, result.source.tree, result.problems);
    }
    if (!request.daemon)
        log::warn_of_idle_file(result.plan.logging, result.problems);
    result.source.tree.mask_learnt(); // the modules have declared their secret options by now
    result.problems = config::masked(result.problems, result.source.tree);
    return result;
}

configuration configure(std::string text) {
    load_request request;
    request.text.emplace("configuration", std::move(text));
    request.surroundings = false;
    configuration result = configure(request);
    if (result.problems.failed())
        throw bad_configuration(base::render(result.problems));
    return result;
}

} // namespace aio::app
