#include <aio/async/sleep.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/net/certificate_end.hpp>
#include <aio/server/tls_watch.hpp>

#include <exception>

namespace aio::server {

std::vector<std::string> expiry_notice::lines(
    const std::vector<net::tls_context::shown>& all,
    async::time_point now,
    std::chrono::system_clock::time_point date
) {
    if (said_ && now < async::later(*said_, std::chrono::hours(24)))
        return {};
    std::vector<std::string> made;
    for (const net::tls_context::shown& each : all)
        if (const std::string end = net::end_of_certificate(each.not_after, date); !end.empty())
            made.push_back("the certificate " + each.path + " " + end);
    if (!made.empty())
        said_ = now;
    return made;
}

namespace {

using date = std::chrono::system_clock::time_point;

struct loaded {
    std::shared_ptr<const net::tls_context> context;
    std::string wrong;
};

loaded load(const net::tls_options& options, net::tls_common* shared, date now) {
    loaded made;
    try {
        made.context = net::tls_context::server(options, shared);
    } catch (const std::exception& e) {
        made.wrong = e.what();
        return made;
    }
    for (const net::tls_context::shown& each : made.context->certificates())
        if (each.not_after <= now)
            made.wrong =
                "the certificate " + each.path + " " + net::end_of_certificate(each.not_after, now);
    return made;
}

date date_of(async::loop& home) {
    return std::chrono::time_point_cast<date::duration>(home.date(home.now()));
}

task<void> look(
    aio::service::runtime& app,
    async::loop& home,
    log::logger& log,
    watched_tls& what,
    const std::string& who
) {
    net::file_stamps now = co_await app.lookups().run([paths = what.options.files()] {
        return net::stamps_of(paths);
    });
    if (!net::can_be_watched(now) || !what.files.look(now))
        co_return;
    const loaded made = co_await app.lookups().run(
        [options = what.options, shared = app.tls(), when = date_of(home)] {
            return load(options, shared.get(), when);
        }
    );
    if (made.wrong.empty()) {
        what.current->set(made.context);
        what.files.loaded();
        what.expiry.renewed();
        log.info(
            "{} uses the new files of TLS from now on: {} has changed", who, what.files.changed()
        );
    } else if (what.files.failed(made.wrong)) {
        log.warning(
            "{} goes on with the files of TLS that it has read before: {}", who, made.wrong
        );
    }
}

} // namespace

task<void> watch_tls(
    aio::service::runtime& app,
    async::loop& home,
    log::logger& log,
    std::shared_ptr<watched_tls> what,
    base::duration every,
    std::string who
) {
    for (;;) {
        const auto context = what->current->get();
        for (const std::string& line :
             what->expiry.lines(context->certificates(), home.now(), date_of(home)))
            log.warning("{}: {}", who, line);
        co_await async::sleep(every);
        if (what->never)
            continue;
        try {
            co_await look(app, home, log, *what, who);
        } catch (const async::pool_full&) { // the next look may find a thread
        }
    }
}

} // namespace aio::server
