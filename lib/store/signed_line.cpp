#include "store/signed_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "crypto/base64.hpp"

namespace trackier::store {
namespace {

constexpr std::string_view mark = "-- ";

std::string signed_text(std::string_view line, std::string_view kind) {
  return fmt::format("{}\n{}", kind, line);
}

}  // namespace

std::string sign_line(std::string_view line, std::string_view kind,
                      const crypto::Secret& signing_key) {
  const auto signature = crypto::sign(signing_key, as_bytes(signed_text(line, kind)));
  return fmt::format("{}{}{} {}\n", line, mark, crypto::base64(crypto::ed25519_public(signing_key)),
                     crypto::base64(signature));
}

SignedLine parse_signed_line(std::string_view text, std::string_view kind) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::size_t after = std::min(end + 1, text.size());
  SignedLine made{.line = text.substr(0, after)};
  std::string_view last = text.substr(after);
  crypto::Signature signature{};
  const std::size_t blank = last.find(' ', mark.size());
  if (!last.starts_with(mark) || !last.ends_with('\n') || blank == std::string_view::npos ||
      !crypto::from_base64(last.substr(mark.size(), blank - mark.size()), made.signer) ||
      !crypto::from_base64(last.substr(blank + 1, last.size() - blank - 2), signature)) {
    throw Error{Code::data, "not signed, or cut short"};
  }
  if (!crypto::verify(made.signer, as_bytes(signed_text(made.line, kind)), signature)) {
    throw Error{Code::data, "the signature does not agree: it was changed"};
  }
  return made;
}

}  // namespace trackier::store
