#pragma once
/// A report as JSON, sealed: the body that is hashed, and the document that has body and seal.
/// trackier-ctl-report(1), JSON.

#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "report/report.hpp"

namespace trackier::report {

/// A report, and a signed note over the hash of its body by the key of the audit log.
struct Sealed {
  Report report;
  std::string seal;
};

/// One line of JSON without a line end: the same for the same report. Titles, controls, counts and
/// hashes of records are written as well; they follow from the rest.
std::string body_text(const Report& report);

/// What the seal says, with its line ends: what this is, which log, which period, the hash.
std::string seal_text(const Report& report);

/// Signs as the log `report.origin`. Ed25519 is deterministic: the same report, the same seal.
Sealed seal(Report report, const crypto::Secret& key);

/// With a line end.
std::string json_document(const Sealed& sealed);

inline constexpr std::size_t most_document_bytes = std::size_t{1} << 30U;

/// Exactly what json_document() writes. Throws Error{Code::data}.
Sealed parse_document(std::string_view text);

}  // namespace trackier::report
