#pragma once
/// Where a value ends that a key before it gave away.

#include <cstddef>
#include <optional>
#include <string_view>

#include "anonymize/secrets.hpp"

namespace trackier::anonymize {

/// A quote as it stands in text: " ' and, of JSON in a string of JSON, in a field of CSV, or in
/// both,
/// \" and "" and \"".
struct Quote {
  char mark = '"';
  std::size_t backslashes = 0;  ///< before it
  bool doubled = false;

  [[nodiscard]] std::size_t size() const { return backslashes + (doubled ? 2 : 1); }
};

/// doubled: quotes are, where the text stands in a field of CSV.
std::optional<Quote> quote_at(std::string_view text, std::size_t begin, bool doubled);

/// The end of a quoted value that begins at `begin`: its closing quote, or the end of the line when
/// there is none. Looks at each byte once, and no further than the end.
std::size_t quoted_end(std::string_view text, std::size_t begin, const Quote& quote,
                       const KeyedSearch& search);

/// The end of a value without quotes that begins at `begin`.
std::size_t bare_end(std::string_view text, std::size_t begin, const KeyedSearch& search);

/// The same in the query of a URL, where ' ( ) , ; | and more may be part of a value. Before
/// another delimiter they are of the text around: 'x?key=value', (x?key=value).
std::size_t query_value_end(std::string_view text, std::size_t begin, const KeyedSearch& search);

/// token68 of RFC 7235: letters, digits, -._~+/ and = at the end.
std::size_t token68_end(std::string_view text, std::size_t begin);

/// `Basic QWxh...`, `Bearer abc`: a scheme before the secret; the secret is to the end of its
/// token, for schemes with parameters (Digest, AWS4-HMAC-SHA256) to the end of the line or quote.
std::size_t credentials_end(std::string_view text, std::size_t begin, std::size_t end,
                            bool json_structure);

}  // namespace trackier::anonymize
