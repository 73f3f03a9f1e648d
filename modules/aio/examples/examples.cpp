// What this module offers. A configuration uses each item by its name: `func = aio.examples.tick`.
#include "examples.hpp"

#include "adder.hpp"
#include "chat.hpp"
#include "echo_callback.hpp"
#include "echo_datagram.hpp"
#include "pod.hpp"

using namespace std::chrono_literals;

AIO_MODULE(aio.examples) {
    module.schedule("tick", examples::tick)
        .help("Logs a line and emits the signal 'ticked'")
        .option("data", "BOOM!", "data of the signal");
    module.listener("print", examples::print).help("Prints the data of a signal");
    module.command("hello", examples::hello)
        .help("Greets each name in its arguments")
        .option("times", 1, "number of greetings");

    module.protocol("echo", examples::echo).help("Sends back what it receives: a coroutine");
    module.protocol<examples::echo_callback>("echo_callback").help("The same with callbacks");
    module.protocol<examples::echo_datagram>("echo_datagram").help("The same for datagrams");
    module.protocol<examples::adder>("adder").help("Answers '2 + 2 + 3' with 7 and closes");
    module.protocol("ping", examples::ping)
        .help("Asks a server again and again: the protocol of a client")
        .option("every", 1s, "pause between two questions");
    module.factory("adder_factory", examples::adder_factory)
        .help("Builds a server around the protocol adder");

    module.service<examples::chat>("chat")
        .help("A service with two servers, one on a loop of its own, and a cache of users")
        .option("websockets_port", 6061, "port of the chat")
        .option("web_port", 6062, "port of the web server")
        .option("refresh", 1s, "period after which expired users are removed");

    module.bean("greet", examples::greet)
        .help("Says hello and waits for the signal that the server is open")
        .option("who", "world", "the name to greet");
    module.bean<examples::numbers>("numbers")
        .help("Adds up numbers: a producer and consumers")
        .option("up_to", 10, "the last number")
        .option("consumers", 10, "number of consumers");
    module.bean<examples::echo_server>("echo_server").help("A TCP server as a bean");
}
