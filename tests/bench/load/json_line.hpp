#pragma once

// One measurement as one line of JSON. Names and texts come from this program: nothing to escape.

#include <concepts>
#include <cstdio>
#include <string>
#include <string_view>

namespace bench {

class json_line {
  public:
    json_line& add(std::string_view name, double value) {
        char text[40];
        std::snprintf(text, sizeof text, "%.6g", value);
        return raw(name, text);
    }

    json_line& add(std::string_view name, std::integral auto value) {
        return raw(name, std::to_string(value));
    }

    json_line& add(std::string_view name, std::string_view value) {
        return raw(name, '"' + std::string(value) + '"');
    }

    void print() const { std::printf("{%s}\n", text_.c_str()); }

  private:
    json_line& raw(std::string_view name, std::string_view value) {
        text_ += text_.empty() ? "\"" : ", \"";
        text_.append(name).append("\": ").append(value);
        return *this;
    }

    std::string text_;
};

} // namespace bench
