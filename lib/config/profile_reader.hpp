#pragma once
/// [profile.NAME] and what is below it. Of interest inside this area only.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/profile.hpp"
#include "config/document.hpp"
#include "config/origins.hpp"

namespace trackier::config {

class ProfileReader {
 public:
  /// keys: names and references of [keys]. Both must outlive the reader.
  ProfileReader(const std::map<std::string, std::string>& keys, Origins& origins)
      : keys_(keys), origins_(origins) {}

  anonymize::Profile read(Table& table, const std::string& name);

  /// Throws unless [keys] has a key of that name.
  void check_key(const Table& table, std::string_view key, const std::string& name) const;

 private:
  void read_log_format(Table& table, anonymize::Profile& made);
  void read_detectors(Table& table, anonymize::Profile& made);
  void read_rules(Table& table, anonymize::Profile& made);
  void read_patterns(Table& table, anonymize::Profile& made);
  void read_pattern(Table& table, anonymize::Profile& made);
  void note_list(const Table& table, std::string_view key, const std::vector<std::string>& texts);

  const std::map<std::string, std::string>& keys_;
  Origins& origins_;
};

}  // namespace trackier::config
