#pragma once
/// The rules of a format's keys, kept from record to record.

#include <string>
#include <string_view>
#include <vector>

#include "anonymize/field_rules.hpp"
#include "anonymize/short_text.hpp"

namespace trackier::anonymize {

/// The rules that names make, remembered by the place of the name in its record: the lines of a log
/// have the same names in the same order.
class RememberedNames {
 public:
  /// The rule of the key, as it stands in the text; null: it is not known.
  [[nodiscard]] const FieldRules::Rule* rule_of(std::string_view key, std::size_t place) const {
    return place < names_.size() && same_text(names_[place].key, key) ? &names_[place].rule
                                                                      : nullptr;
  }

  /// key: what it stands for is written in the same way. Of many or long ones it is not kept.
  void remember(std::string_view key, std::size_t place, const FieldRules::Rule& rule) {
    if (place >= most_places || key.size() > longest_name) {
      return;
    }
    if (place >= names_.size()) {
      names_.resize(place + 1);
    }
    names_[place].key = key;
    names_[place].rule = rule;
  }

 private:
  static constexpr std::size_t most_places = 256;
  static constexpr std::size_t longest_name = 64;

  struct Remembered {
    std::string key;
    FieldRules::Rule rule;
  };
  std::vector<Remembered> names_;
};

}  // namespace trackier::anonymize
