#include <aio/base/exception.hpp>

#include <filesystem>
#include <new>

namespace aio::base {

namespace {

struct link {
    std::string text;
    std::exception_ptr cause;
};

/// What the standard library's own exceptions say is for programmers.
std::string words_of(const std::exception& error) {
    if (dynamic_cast<const std::bad_alloc*>(&error))
        return "out of memory";
    const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error);
    if (!file)
        return error.what();
    const std::string path = file->path1().string();
    return (path.empty() ? "" : path + ": ") + file->code().message();
}

link look_at(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        const auto* nested = dynamic_cast<const std::nested_exception*>(&e);
        return {words_of(e), nested ? nested->nested_ptr() : nullptr};
    } catch (const std::nested_exception& e) {
        return {"something that is no std::exception was thrown", e.nested_ptr()};
    } catch (...) {
        return {"something that is no std::exception was thrown", nullptr};
    }
}

} // namespace

std::vector<std::string> messages_of(const std::exception_ptr& error) {
    std::vector<std::string> all;
    for (std::exception_ptr at = error; at;) {
        link one = look_at(at);
        all.push_back(std::move(one.text));
        at = std::move(one.cause);
    }
    return all;
}

std::string message_of(const std::exception_ptr& error) {
    std::string text, end;
    for (const std::string& one : messages_of(error)) {
        if (text.empty()) {
            text = one;
        } else if (text.find(one) == std::string::npos) {
            text += (end.empty() ? " (caused by: " : ", caused by: ") + one;
            end = ")";
        }
    }
    return text + end;
}

} // namespace aio::base
