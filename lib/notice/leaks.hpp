#pragma once
/// Values that must not be in a text that leaves the house: personal values, names of other
/// customers, and whoever is affected.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::notice {

struct LeakRules {
  /// Values that may stand in the text, exactly: our contact's e-mail address and telephone number,
  /// the recipient's address and name. Case of ASCII letters aside.
  std::vector<std::string> allowed;

  /// Names and ids of other customers: searched as whole words, case of ASCII letters aside.
  std::vector<std::string> other_names;

  /// Their domains, "acme.example": found also as part of an address and with subdomains.
  std::vector<std::string> other_domains;

  /// Asked with each word of the text and each part of it that letters, digits, "-" and "_" make
  /// up, an e-mail address as a whole and also in small letters; may be empty.
  std::function<bool(std::string_view word)> is_affected;
};

struct Leak {
  std::string what;       ///< "an e-mail address", "another customer's name"
  std::size_t where = 0;  ///< byte of the text
  std::string shown;      ///< the first two characters and "…", never the whole value

  bool operator==(const Leak&) const = default;
};

/// In order of place; of those that overlap, the first, and the longer where both begin. text: the
/// plain form of a text, for the Markdown has backslashes in its values; shorter than 4 GiB.
std::vector<Leak> leaks_in(std::string_view text, const LeakRules& rules);

}  // namespace trackier::notice
