#include "proof/proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "proof/proof_json.hpp"
#include "store/signed_line.hpp"

namespace trackier::proof {
namespace {

constexpr std::string_view signed_kind = "trackier-proof/1";
constexpr std::array<std::string_view, 6> level_names{"chain",   "structure", "data",
                                                      "restore", "content",   "application"};

}  // namespace

std::string_view words_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::not_evaluated:
      return "could not be evaluated";
    case Verdict::same_as_source:
      return "same as source";
    case Verdict::failed:
      return "failed";
  }
  return "";
}

std::string_view name_of(Level level) {
  return level_names.at(static_cast<std::size_t>(level));
}

std::optional<Level> parse_level(std::string_view name) {
  const auto found = std::ranges::find(level_names, name);
  return found == level_names.end()
             ? std::nullopt
             : std::optional{static_cast<Level>(found - level_names.begin())};
}

std::string sign_proof(const Proof& proof, const crypto::Secret& signing_key) {
  return store::sign_line(json_of(proof) + "\n", signed_kind, signing_key);
}

SignedProof parse_proof(std::string_view text, const std::string& name) {
  return doing(name, [&] {
    if (text.size() > most_proof_bytes) {
      throw Error{Code::data, "larger than proofs are"};
    }
    const store::SignedLine found = store::parse_signed_line(text, signed_kind);
    return SignedProof{.proof = proof_in(found.line.substr(0, found.line.size() - 1)),
                       .signer = found.signer,
                       .digest = hexadecimal(crypto::sha256(as_bytes(text))),
                       .received = {}};
  });
}

std::string file_name_of(const Proof& proof) {
  std::string time = to_rfc3339(proof.started);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{:08}-{}-{}.json", proof.sequence, time, proof.backup);
}

}  // namespace trackier::proof
