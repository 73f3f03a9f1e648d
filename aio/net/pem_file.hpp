#pragma once

// A file with certificates or a key, read once: a pipe has no second reading. Private to net/.

#include <openssl/bio.h>
#include <sys/stat.h>

#include <list>
#include <memory>
#include <string>
#include <vector>

namespace aio::net {

class tls_common;

using pem_source = std::unique_ptr<::BIO, decltype(&::BIO_free)>;

/// What was read, and from which file.
struct pem_text {
    struct stat file{};
    std::string text;

    /// Whether that is the file that was read, unchanged since. What a pipe held is gone, so it
    /// counts as unchanged.
    bool is(const struct stat& other) const noexcept;
};

/// The text under a path that leads to it.
class pem_file {
  public:
    pem_file(std::string path, std::shared_ptr<const pem_text> text)
        : path_(std::move(path)), text_(std::move(text)) {}

    const std::string& path() const noexcept { return path_; }

    const std::string& text() const noexcept { return text_->text; }

    /// For OpenSSL, from the beginning. The file outlives it.
    pem_source source() const {
        return {::BIO_new_mem_buf(text().data(), static_cast<int>(text().size())), &::BIO_free};
    }

  private:
    std::string path_;
    std::shared_ptr<const pem_text> text_;
};

/// The files of one context. Several paths that lead to one file are one reading.
class pem_files {
  public:
    /// `shared`: knows what others have read; nullptr: there are none.
    explicit pem_files(tls_common* shared = nullptr) noexcept : shared_(shared) {}

    /// Reads the whole file, unless it was read before; blocks. A pipe may have no writer for any
    /// time. What it returns lives as long as this object.
    /// Throws: std::system_error, std::runtime_error whose text begins with `use`: "cannot use the
    /// key /etc/x.key: No such file or directory".
    const pem_file& read(std::string path, const std::string& use);

    /// What was read: others that need the same files find it while these are kept.
    std::vector<std::shared_ptr<const pem_text>> texts() const { return texts_; }

  private:
    std::shared_ptr<const pem_text> find(const std::string& path) const;

    tls_common* shared_;
    std::list<pem_file> all_;
    std::vector<std::shared_ptr<const pem_text>> texts_;
};

} // namespace aio::net
