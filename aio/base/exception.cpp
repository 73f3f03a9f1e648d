#include <aio/base/demangle.hpp>
#include <aio/base/error_words.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/system_reason.hpp>

#include <boost/system/system_error.hpp>

#include <cxxabi.h>

#include <filesystem>
#include <new>
#include <string_view>
#include <typeinfo>
#include <utility>

namespace aio::base {

namespace {

struct link {
    std::string text;
    std::exception_ptr cause;
};

constexpr const char* no_memory = "out of memory"; // fits into a string without any

std::string words_of_file(const std::filesystem::filesystem_error& error) {
    const std::string path = error.path1().string();
    return (path.empty() ? "" : path + ": ") + with_limit(error.code().message());
}

/// what() ends with "[system:1]", and maybe with a place in a source file.
std::string words_of_asio(const boost::system::system_error& error) {
    std::string text = error.what();
    const std::string end = error.code().what();
    if (text.ends_with(end))
        text.replace(text.size() - end.size(), end.size(), error.code().message());
    return with_limit(std::move(text));
}

std::string words_in_full(const std::exception& error) {
    if (dynamic_cast<const std::bad_alloc*>(&error))
        return no_memory;
    if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
        return words_of_file(*file);
    if (const auto* asios = dynamic_cast<const boost::system::system_error*>(&error))
        return words_of_asio(*asios);
    return with_limit(error.what());
}

/// The type of the exception that is handled now, without what throw_with_nested() wraps it in.
std::string type_thrown() {
    constexpr std::string_view wrapped = "std::_Nested_exception<";
    const std::type_info* type = abi::__cxa_current_exception_type();
    std::string name = type ? demangle(type->name()) : "unknown";
    if (name.starts_with(wrapped))
        name = name.substr(wrapped.size(), name.size() - wrapped.size() - 1);
    return name;
}

std::string strange(const std::string& name) {
    return "something that is no std::exception was thrown: " + name;
}

link look_at(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        const auto* nested = dynamic_cast<const std::nested_exception*>(&e);
        return {words_of(e), nested ? nested->nested_ptr() : nullptr};
    } catch (const std::nested_exception& e) {
        return {strange(type_thrown()), e.nested_ptr()};
    } catch (const char* text) {
        return {strange(text ? text : "a null pointer"), nullptr};
    } catch (const std::string& text) {
        return {strange(text), nullptr};
    } catch (int number) {
        return {strange("int " + std::to_string(number)), nullptr};
    } catch (...) {
        return {strange(type_thrown()), nullptr};
    }
}

std::string without_text(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (...) {
        return "an error without a text: " + type_thrown();
    }
}

} // namespace

std::string words_of(const std::exception& error) noexcept {
    try {
        return words_in_full(error);
    } catch (const std::exception&) {
        return no_memory;
    }
}

std::vector<std::string> messages_of(const std::exception_ptr& error) {
    std::vector<std::string> all;
    for (std::exception_ptr thrown = error; thrown;) {
        link one = look_at(thrown);
        all.push_back(std::move(one.text));
        thrown = std::move(one.cause);
    }
    return all;
}

std::string message_of(const std::exception_ptr& error) {
    std::string text, end;
    for (const std::string& name : messages_of(error)) {
        if (text.empty()) {
            text = name;
        } else if (text.find(name) == std::string::npos) {
            text += (end.empty() ? " (caused by: " : ", caused by: ") + name;
            end = ")";
        }
    }
    return text.empty() && error ? without_text(error) : text + end;
}

} // namespace aio::base
