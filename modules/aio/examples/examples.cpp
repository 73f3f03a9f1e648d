// What this module offers. A configuration uses it by name: `func = aio.examples.tick`.
#include "examples.hpp"

#include "echo_callback.hpp"
#include "echo_datagram.hpp"

AIO_MODULE(aio.examples) {
    module.schedule("tick", examples::tick)
        .help("Logs a line and emits the signal 'ticked'")
        .option("data", "BOOM!", "what comes with the signal");
    module.listener("print", examples::print).help("Prints what came with a signal");
    module.command("hello", examples::hello)
        .help("Greets everybody who is named")
        .option("times", 1, "how often");

    module.protocol("echo", examples::echo).help("Sends back what it receives: a coroutine");
    module.protocol<examples::echo_callback>("echo_callback").help("The same with callbacks");
    module.protocol<examples::echo_datagram>("echo_datagram").help("The same for datagrams");
    module.protocol("adder", examples::adder).help("Answers '2 + 2 + 3' with 7 and closes");
    module.factory("adder_factory", examples::adder_factory)
        .help("Builds a server around the protocol adder");
}
