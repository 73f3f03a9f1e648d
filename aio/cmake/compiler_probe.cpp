// Counts constructions and destructions of temporaries beside a co_await. Exit status 0: the
// compiler gets them right. Compiled and run by AioCompiler.cmake, here and in users' projects.
#include <coroutine>
#include <exception>
#include <string>
#include <utility>

namespace {

int live = 0;

struct counted {
    std::string text = "a string that is too long for the small buffer of std::string";

    counted() { ++live; }

    counted(const counted& o) : text(o.text) { ++live; }

    counted(counted&& o) noexcept : text(std::move(o.text)) { ++live; }

    ~counted() { --live; }
};

struct aggregate {
    counted a;
    int b = 0;
};

struct job {
    struct promise_type {
        job get_return_object() {
            return job{std::coroutine_handle<promise_type>::from_promise(*this)};
        }

        std::suspend_never initial_suspend() noexcept { return {}; }

        std::suspend_always final_suspend() noexcept { return {}; }

        void return_void() {}

        void unhandled_exception() { std::terminate(); }
    };

    explicit job(std::coroutine_handle<promise_type> h) : handle(h) {}

    job(job&& o) noexcept : handle(std::exchange(o.handle, {})) {}

    ~job() {
        if (handle)
            handle.destroy();
    }

    bool await_ready() const noexcept { return true; }

    void await_suspend(std::coroutine_handle<>) const noexcept {}

    void await_resume() const noexcept {}

    std::coroutine_handle<promise_type> handle;
};

job take(aggregate) {
    co_return;
}

template <typename F>
job call(F f) {
    f();
    co_return;
}

job choose(counted) {
    co_return;
}

job all(bool flag) {
    co_await take(aggregate{counted{}, 1});
    counted c;
    co_await call([c] { (void)c.text.size(); });
    co_await choose(flag ? counted{} : c);
}

} // namespace

int main(int argc, char**) {
    {
        job j = all(argc > 0);
    }
    return live == 0 ? 0 : 1;
}
