#include "examples.hpp"

#include <cstdio>

namespace examples {

int hello(aio::command_event event) {
    std::string whom;
    for (const std::string& name : event.arguments())
        whom += (whom.empty() ? "" : " and ") + name;
    for (int i = 0; i < event.option<int>("times"); ++i)
        std::printf("Hello, %s!\n", whom.empty() ? "world" : whom.c_str());
    return 0;
}

} // namespace examples
