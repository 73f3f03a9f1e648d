#include <aio/config/convert.hpp>
#include <aio/log/custom_values.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::log {

namespace {

/// An argument as it would be written behind the option's name; nothing for None.
struct as_text {
    std::optional<std::string> operator()(literal::none) const { return std::nullopt; }

    std::optional<std::string> operator()(bool value) const { return value ? "yes" : "no"; }

    std::optional<std::string> operator()(std::int64_t value) const {
        return std::to_string(value);
    }

    std::optional<std::string> operator()(double value) const { return fmt::format("{}", value); }

    std::optional<std::string> operator()(const std::string& value) const { return value; }

    std::optional<std::string> operator()(const literal::dotted& value) const { return value.name; }

    std::optional<std::string> operator()(const literal::tuple& values) const {
        std::string lines;
        for (const literal& each : values)
            lines += std::visit(*this, each.value).value_or("") + '\n';
        return lines;
    }
};

/// The declared value of an option that its schema allows to ask for, as it is.
struct value_of {
    const config::options& written;
    const std::string& name;

    template <typename T>
    config::typed get() const {
        const auto found = written.find<T>(name);
        return found ? config::typed(*found) : config::typed();
    }

    config::typed operator()(config::type type) const {
        switch (type) {
        case config::type::boolean:
            return get<bool>();
        case config::type::integer:
            return get<std::int64_t>();
        case config::type::real:
            return get<double>();
        case config::type::duration:
            return get<base::duration>();
        case config::type::size:
            return get<base::size>();
        case config::type::rate:
            return get<base::rate>();
        case config::type::list:
            return get<base::list>();
        case config::type::choice:
            return get<base::choice>();
        default:
            return get<std::string>();
        }
    }
};

} // namespace

std::optional<std::vector<std::string>>
secrets_by_place(const config::schema& declared, const literal::tuple& args) {
    std::optional<std::vector<std::string>> secrets;
    for (std::size_t i = 0; i < std::min(args.size(), declared.all().size()); ++i) {
        if (!declared.all()[i].secret)
            continue;
        if (!secrets)
            secrets.emplace();
        if (auto text = std::visit(as_text{}, args[i].value))
            secrets->push_back(std::move(*text));
    }
    return secrets;
}

config::schema without_given(const config::schema& declared, std::size_t positional) {
    config::schema made;
    for (config::option each : declared.all()) {
        each.required = each.required && made.all().size() >= positional;
        made.declare(std::move(each));
    }
    return made;
}

handler_section::values custom_values(
    const config::schema& declared,
    const config::options& written,
    const literal::tuple& args,
    const argument_report& wrong
) {
    handler_section::values all;
    for (const config::option& each : declared.all())
        all[each.name] = value_of{written, each.name}(each.value_type);
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (i >= declared.all().size()) {
            wrong(args[i].offset, "too many arguments");
            break;
        }
        const config::option& option = declared.all()[i];
        const auto text = std::visit(as_text{}, args[i].value);
        if (written.given(option.name)) {
            wrong(
                args[i].offset, fmt::format("{} is an option of the section already", option.name)
            );
        } else if (text) {
            config::converted value = config::convert(option, *text);
            if (!value.wrong.empty())
                wrong(
                    args[i].offset,
                    fmt::format(
                        "{}: {} {}",
                        option.name,
                        option.secret ? base::secret_mask : std::string_view(value.shown),
                        value.wrong
                    )
                );
            all[option.name] = std::move(value.value);
        } else if (option.required) {
            wrong(args[i].offset, fmt::format("{} is required", option.name));
        }
    }
    return all;
}

} // namespace aio::log
