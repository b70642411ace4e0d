#pragma once
/// A directory of a test's own, gone with everything in it when the object goes.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  TemporaryDirectory(TemporaryDirectory&&) = delete;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

  /// Writes a file into the directory and returns its path. mode: not lessened by the umask.
  std::filesystem::path write(std::string_view name, std::string_view content,
                              unsigned mode = 0600) const;

  /// The names in the directory, in order.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

/// The whole content of a file. Throws std::runtime_error when it cannot be read.
std::string content_of(const std::filesystem::path& path);

}  // namespace trackier::test
