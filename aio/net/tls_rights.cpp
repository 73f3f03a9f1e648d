#include <aio/base/file_rights.hpp>
#include <aio/base/trust.hpp>
#include <aio/net/tls_rights.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace aio::net {

std::string distrusted(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || !(S_ISREG(found.st_mode) || S_ISDIR(found.st_mode)))
        return {};
    const auto why = base::distrust(std::filesystem::path(path));
    return why ? "root does not act on it, because " + *why : std::string();
}

std::vector<std::string> files_with_keys(const tls_options& from) {
    std::vector<std::string> all;
    for (const certificate_files& each : from.certificates()) {
        const std::string& path = each.key.empty() ? each.certificate : each.key;
        if (std::ranges::find(all, path) == all.end())
            all.push_back(path);
    }
    return all;
}

std::vector<std::string> exposed_keys(const tls_options& from) {
    std::vector<std::string> lines;
    for (const std::string& path : files_with_keys(from))
        if (base::everybody_may_read(path))
            lines.push_back(fmt::format("{} {}", path, exposed_key));
    return lines;
}

} // namespace aio::net
