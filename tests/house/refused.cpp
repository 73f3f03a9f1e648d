// Mistakes of module authors that the compiler refuses. This file has to fail; each line marked
// "refused:" has to give that message (refused.cmake).

#include <aio/module.hpp>

#include <memory>
#include <string>

namespace {

struct no_base {};

struct wants_a_number : aio::service_base {
    explicit wants_a_number(int) {}
};

struct half_a_protocol : aio::protocol {
    explicit half_a_protocol(int) {}
};

void takes_a_text(std::string) {}

aio::task<void> takes_a_reference(aio::stream&) {
    co_return;
}

int makes_no_server(aio::server_builder) {
    return 0;
}

std::string says(aio::command_event) {
    return {};
}

} // namespace

AIO_MODULE(my.refused) {
    auto one = module.schedule("tick", [] {});
    one.option("null", nullptr, "");      // refused: nullptr is no default of an option
    one.option("letter", 'x', "");        // refused: an option is a text, not a character
    one.option("pointer", &one, "");      // refused: an option is a bool, integer, double, string
    one.option("help", 1, nullptr);       // refused: deleted
    one.option(nullptr, 1);               // refused: deleted
    one.required<int>(nullptr);           // refused: deleted
    one.help(nullptr);                    // refused: deleted
    one.required<std::nullptr_t>("null"); // refused: nullptr is no default of an option
    module.schedule("a", takes_a_text);   // refused: takes an aio::scheduled_event by value
    module.callback("b", takes_a_text);   // refused: takes an aio::scheduled_result by value
    module.listener("c", takes_a_text);   // refused: a listener takes an aio::signal_event by value
    module.protocol("d", takes_a_reference); // refused: a protocol takes an aio::stream by value
    module.protocol<half_a_protocol>("e");   // refused: a protocol class derives publicly from
    module.factory("f", makes_no_server);    // refused: a factory takes an aio::server_builder
    module.bean("g", takes_a_text);      // refused: a bean is a function of an aio::bean_context
    module.bean<no_base>("h");           // refused: a bean class has a public call operator
    module.service<no_base>("i");        // refused: a service derives publicly from
    module.service<wants_a_number>("j"); // refused: a service derives publicly from
    module.command("k", says);           // refused: a command takes an aio::command_event
}
