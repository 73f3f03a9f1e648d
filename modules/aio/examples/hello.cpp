#include "examples.hpp"

#include <cstdio>

namespace examples {

int hello(aio::command_event event) {
    std::string text;
    for (const std::string& name : event.arguments())
        text += (text.empty() ? "" : " and ") + name;
    for (int i = 0; i < event.option<int>("times"); ++i)
        std::printf("Hello, %s!\n", text.empty() ? "world" : text.c_str());
    return 0;
}

} // namespace examples
