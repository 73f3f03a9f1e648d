#pragma once

// A file with certificates or a key, read once: a pipe has no second reading. Private to net/.

#include <openssl/bio.h>

#include <memory>
#include <string>

namespace aio::net {

using pem_source = std::unique_ptr<::BIO, decltype(&::BIO_free)>;

class pem_file {
  public:
    /// Reads the whole file; blocks. A pipe may have no writer for any time.
    /// Throws: std::system_error, std::runtime_error whose text begins with `use`: "cannot use the
    /// key /etc/x.key: No such file or directory".
    pem_file(std::string path, const std::string& use);

    const std::string& path() const noexcept { return path_; }

    const std::string& text() const noexcept { return text_; }

    /// For OpenSSL, from the beginning. The file outlives it.
    pem_source source() const {
        return {::BIO_new_mem_buf(text_.data(), static_cast<int>(text_.size())), &::BIO_free};
    }

  private:
    std::string path_;
    std::string text_;
};

} // namespace aio::net
