// The module that the tests of modules/README.md test.
#include <aio/module.hpp>

namespace {

aio::task<void> echo(aio::stream stream) {
    while (auto data = co_await stream.read())
        co_await stream.write(data);
}

} // namespace

AIO_MODULE(my.tested) {
    module.protocol("echo", echo);
}
