#pragma once
/// Other programs that people work with, and a place for what they work on.

#include <filesystem>
#include <string>

#include "context.hpp"

namespace trackier::cli {

/// A directory for one's own eyes, gone with all that is in it.
class PrivateDirectory {
 public:
  /// Throws Error{Code::cannot_create}.
  explicit PrivateDirectory(const std::filesystem::path& within);
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  PrivateDirectory(PrivateDirectory&&) = delete;
  PrivateDirectory& operator=(PrivateDirectory&&) = delete;
  ~PrivateDirectory();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// Has the person's editor ($VISUAL, $EDITOR, vi) change a text, in a file only they can read,
/// which is gone afterwards. name: begins the name of the file. Throws Error{Code::verdict} when
/// the editor fails.
std::string edited_by_person(Context& context, const std::string& text, const std::string& name);

struct NamedText {
  std::string name;
  std::string text;
};

/// As diff -u has it; empty when they are the same. Throws Error{Code::unavailable} without diff.
std::string difference(Context& context, const NamedText& from, const NamedText& to);

}  // namespace trackier::cli
