#include <aio/command/registration.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <memory>
#include <stdexcept>

using namespace aio::command;

namespace {

int plain(event call) {
    return static_cast<int>(call.arguments().size());
}

aio::task<int> coroutine(event call) {
    co_return static_cast<int>(call.arguments().size()) + 10;
}

void silent(event) {}

aio::task<void> silent_coroutine(event) {
    co_return;
}

int failing(event) {
    throw std::runtime_error("no");
}

class builder final : public declares {
  public:
    aio::module::registry all;

  private:
    aio::module::registrar to_{all, "my.example"};

    aio::module::registrar& registrar() noexcept override { return to_; }
};

int status_of(const aio::module::registry& all, std::string_view name) {
    const aio::module::item* found = all.find(name);
    BOOST_REQUIRE(found);
    auto data = std::make_shared<event_data>();
    data->arguments = {"a", "b"};
    boost::asio::io_context loop;
    int status = -1;
    boost::asio::co_spawn(
        loop,
        std::any_cast<const function&>(found->object)(event(data)),
        [&](std::exception_ptr failed, int result) { status = failed ? -2 : result; }
    );
    loop.run();
    return status;
}

} // namespace

BOOST_AUTO_TEST_SUITE(command_registration)

BOOST_AUTO_TEST_CASE(a_command_is_a_function_or_a_coroutine_and_its_result_the_status) {
    builder module;
    module.command("plain", plain);
    module.command("coroutine", coroutine);
    module.command("silent", silent);
    module.command("silent_coroutine", silent_coroutine);
    module.command("lambda", [keep = std::string("kept")](event) { return int(keep.size()); });
    module.command("failing", failing);
    BOOST_TEST(status_of(module.all, "my.example.plain") == 2);
    BOOST_TEST(status_of(module.all, "my.example.coroutine") == 12);
    BOOST_TEST(status_of(module.all, "my.example.silent") == 0);
    BOOST_TEST(status_of(module.all, "my.example.silent_coroutine") == 0);
    BOOST_TEST(status_of(module.all, "my.example.lambda") == 4);
    BOOST_TEST(status_of(module.all, "my.example.failing") == -2);
    BOOST_TEST(module.all.find("my.example.plain")->kind == "command");
}

BOOST_AUTO_TEST_SUITE_END()
