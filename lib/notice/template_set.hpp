#pragma once
/// The model texts and what the manifest says about them.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "notice/fields.hpp"
#include "os/file.hpp"

namespace trackier::notice {

struct Template {
  std::string id;                   ///< "customer-initial"
  std::string file;                 ///< where the text came from, for messages
  std::string audience;             ///< "one affected customer (controller)"
  std::string subject;              ///< with tags
  std::string followup_of;          ///< the text this one updates; empty: it is a first notice
  std::vector<std::string> duties;  ///< that it serves, "gdpr.art33-2"
  FieldRules rules;
  std::string text;  ///< Markdown with Mustache tags
};

struct Partial {
  std::string file;
  std::string text;  ///< without line breaks at its end, so that it fits into a line
};

class TemplateSet {
 public:
  /// Those inside the program.
  static TemplateSet shipped();

  /// Those of a directory: manifest.json and the files it names. What is missing there is taken
  /// from the shipped ones. Throws Error{Code::config} that names the file and the place, and
  /// Error{Code::no_input} when there is no such directory. The texts themselves are looked over by
  /// lint().
  static TemplateSet load(os::FileSystem& files, const std::filesystem::path& directory);

  /// Throws Error{Code::usage} for a name that is none, with the nearest as a hint.
  [[nodiscard]] const Template& find(std::string_view id) const;

  /// The text that serves a duty; null when none does. followup: the later notice, where there is a
  /// text of its own for it, else the same text.
  [[nodiscard]] const Template* for_duty(std::string_view duty, bool followup) const;

  /// By id.
  [[nodiscard]] const std::vector<Template>& templates() const { return templates_; }
  [[nodiscard]] const std::map<std::string, Partial, std::less<>>& partials() const {
    return partials_;
  }
  [[nodiscard]] const std::string& manifest_file() const { return manifest_file_; }
  [[nodiscard]] const std::string& law_snapshot() const { return law_snapshot_; }  ///< a day

 private:
  friend class ManifestReader;

  std::vector<Template> templates_;
  std::map<std::string, Partial, std::less<>> partials_;
  std::string manifest_file_;
  std::string law_snapshot_;
};

}  // namespace trackier::notice
