#pragma once
/// Which facts a text needs, of which kind, and when.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "notice/value.hpp"

namespace trackier::notice {

/// Flags that must be as wanted, all of them: "is_detailed and not is_late". Without a term it
/// always holds.
struct Condition {
  struct Term {
    std::string flag;
    bool wanted = true;

    bool operator==(const Term&) const = default;
  };

  std::vector<Term> terms;

  /// False also when a flag is absent or no true or false.
  [[nodiscard]] bool holds(const Value& context) const;

  /// As the manifest writes it; empty without a term.
  [[nodiscard]] std::string text() const;
};

struct Field {
  enum class Kind : std::uint8_t {
    text,           ///< a value that is not blank
    phased,         ///< {value, basis}, or {unknown: true, reason, expected_by}
    list,           ///< at least one item
    list_optional,  ///< may be empty or absent
    flag,           ///< true or false, and nothing that is absent
  };

  std::string name;  ///< "incident.ref"
  Kind kind = Kind::text;
  Condition when;                        ///< needed, and printed, only then
  std::vector<std::string> item_fields;  ///< of a list: texts that every item has
};

struct FieldRules {
  std::vector<Field> fields;               ///< flags, texts, phased, lists; no name twice
  std::map<std::string, std::string> law;  ///< field -> the rule that asks for it, "GDPR 33(3)(a)"

  /// Null when there is no such field.
  [[nodiscard]] const Field* find(std::string_view name) const;

  /// Empty when no law asks for it.
  [[nodiscard]] std::string law_of(std::string_view name) const;

  [[nodiscard]] std::vector<std::string> flags() const;
};

}  // namespace trackier::notice
