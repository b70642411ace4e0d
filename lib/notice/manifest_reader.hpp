#pragma once
/// Reads the manifest: what each text is for and which fields it has.

#include <functional>
#include <string>
#include <string_view>

#include "notice/template_set.hpp"

namespace trackier::notice {

/// A file the manifest names.
struct SourceFile {
  std::string shown;  ///< for messages
  std::string text;
};

class ManifestReader {
 public:
  /// file: fetches what the manifest names; throws when there is no such file.
  static TemplateSet read(const SourceFile& manifest,
                          const std::function<SourceFile(const std::string& name)>& file);
};

}  // namespace trackier::notice
