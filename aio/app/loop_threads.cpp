#include <aio/app/loop_threads.hpp>

#include <pthread.h>

namespace aio::app {
namespace {

void turn(async::loop& on, const std::function<void(std::exception_ptr)>& failed) {
    for (;;) {
        try {
            on.run();
            return;
        } catch (...) {
            failed(std::current_exception());
        }
    }
}

} // namespace

loop_threads::~loop_threads() {
    stop();
}

async::loop& loop_threads::add(std::string name, std::size_t index) {
    all_.push_back({main_->beside(std::move(name), index), {}});
    return *all_.back().loop;
}

void loop_threads::start(std::function<void(std::exception_ptr)> failed) {
    for (one& each : all_) {
        async::loop* loop = each.loop.get();
        if (loop->run_along(failed))
            continue;
        each.thread = std::thread([loop, failed] { turn(*loop, failed); });
        ::pthread_setname_np(each.thread.native_handle(), loop->name().substr(0, 15).c_str());
    }
}

void loop_threads::stop() {
    for (one& each : all_)
        each.loop->stop();
    for (one& each : all_)
        if (each.thread.joinable())
            each.thread.join();
}

} // namespace aio::app
