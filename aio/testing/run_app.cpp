#include <aio/async/sleep.hpp>
#include <aio/base/environment.hpp>
#include <aio/config/load.hpp>
#include <aio/log/tree.hpp>
#include <aio/net/dialing.hpp>
#include <aio/testing/run_app.hpp>

#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace aio::testing {

namespace {

bool says_module_path(const std::string& text) {
    config::inputs inputs;
    inputs.files = {config::layer("test", text)};
    return config::merge(inputs).find("aio", "module_path") != nullptr;
}

app::configuration configure(std::string text) {
    app::load_request request;
    request.surroundings = false;
    const auto path = base::variable("AIO_MODULE_PATH");
    if (path && !says_module_path(text))
        request.overrides.push_back("aio:module_path=" + *path);
    request.text.emplace("test", std::move(text));
    app::configuration made = app::configure(request);
    if (made.problems.failed())
        throw app::bad_configuration(base::render(made.problems));
    return made;
}

task<void> pause(base::duration how_long) {
    if (how_long > base::duration::zero())
        co_await async::sleep(how_long);
}

} // namespace

task<void> with_app(std::string config, app_body body, app_options options) {
    if (options.net) {
        auto& home = *async::loop::of(co_await boost::asio::this_coro::executor);
        net::dialing::of(home).use(options.net);
    }
    app::app application(configure(std::move(config)));
    if (options.log)
        options.log->attach(application.logs());
    co_await application.start();

    std::exception_ptr why;
    try {
        co_await pause(options.wait);
        co_await body(application);
        co_await pause(options.linger);
    } catch (...) { // thrown on after the stop
        why = std::current_exception();
    }
    // The app gets its own time to stop, also after the time limit has cancelled the test.
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    const app::outcome end = co_await application.stop();
    if (why)
        std::rethrow_exception(why);
    if (end == app::outcome::crashed)
        throw bad_end("something in the app crashed");
    if (end == app::outcome::cut_short)
        throw bad_end("a hook was cut off when the app stopped");
    if (end == app::outcome::unfinished)
        throw bad_end("the app did not stop in time");
}

void run(std::string config, app_body body, run_options how, app_options options) {
    run(with_app(std::move(config), std::move(body), options), how);
}

} // namespace aio::testing
