#pragma once

// A file with certificates or a key, read once: a pipe has no second reading. Private to net/.

#include <openssl/bio.h>
#include <sys/types.h>

#include <list>
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

    /// The file that was read, under another path that leads to it.
    pem_file(std::string path, const pem_file& known);

    /// Whether the path leads to the file that was read.
    bool is_at(const std::string& path) const;

    const std::string& path() const noexcept { return path_; }

    const std::string& text() const noexcept { return text_; }

    /// For OpenSSL, from the beginning. The file outlives it.
    pem_source source() const {
        return {::BIO_new_mem_buf(text_.data(), static_cast<int>(text_.size())), &::BIO_free};
    }

  private:
    std::string path_;
    ::dev_t device_ = 0;
    ::ino_t inode_ = 0;
    std::string text_;
};

/// The files of one context. Several paths that lead to one file are one reading.
class pem_files {
  public:
    /// As the constructor of pem_file, but for a file that was read before. What it returns lives
    /// as long as this object.
    const pem_file& read(std::string path, const std::string& use);

  private:
    std::list<pem_file> all_;
};

} // namespace aio::net
