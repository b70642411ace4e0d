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
  /// Texts that may stand in it, whatever is in them: the names of the recipient. As for all of
  /// these, case of ASCII letters, kind of white space and of dashes aside.
  std::vector<std::string> allowed;

  /// Texts in which e-mail addresses and telephone numbers may stand, and nothing else: how we and
  /// the recipient can be reached.
  std::vector<std::string> contacts;

  /// IP addresses may stand in it.
  bool with_ip_addresses = false;

  /// Names and ids of other customers: searched as whole words.
  std::vector<std::string> other_names;

  /// Their domains, "acme.example": found also as part of an address and with subdomains.
  std::vector<std::string> other_domains;

  /// Asked with everything in the text that may be an identifier, as it stands and in small, large
  /// and titled letters, white space in it as one blank; may be empty.
  std::function<bool(std::string_view word)> is_affected;
};

struct Leak {
  std::string what;       ///< "an e-mail address", "another customer's name"
  std::size_t where = 0;  ///< byte of the text
  std::string shown;  ///< the first two characters and "…", never the whole value; of characters
                      ///< that do not show "byte 17"

  bool operator==(const Leak&) const = default;
};

/// In order of place; of those that overlap, the first, and the longer where both begin. What makes
/// a search miss something is one as well: characters that do not show, or look like others.
/// Names and identifiers of one character, or less than six digits, are not looked for, and names
/// of up to three only in the same letters: they stand in every text.
/// text: without the escapes of Markdown or HTML; shorter than 4 GiB.
std::vector<Leak> leaks_in(std::string_view text, const LeakRules& rules);

}  // namespace trackier::notice
