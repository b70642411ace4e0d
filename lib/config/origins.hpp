#pragma once
/// Settings in force and where each comes from, noted while they are read. Of interest inside this
/// area only.

#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "config/settings.hpp"

namespace trackier::config {

class Origins {
 public:
  /// file: as the user named it.
  explicit Origins(std::string file) : file_(std::move(file)) {}

  /// Notes the value of a key of `table`, whether it stands in the file or is the default.
  void note(const Table& table, std::string_view key, std::string value);

  /// Notes the value of a key whose table is not in the file.
  void note_default(std::string name, std::string value);

  std::vector<Origin> take() { return std::move(origins_); }

 private:
  std::string file_;
  std::vector<Origin> origins_;
};

}  // namespace trackier::config
