// Headers of another format, age, whose catalogue of malformed ones (C2SP CCTV) has the mistakes
// that people make in ours as well: lines of stanzas and the line of the MAC look the same.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "envelopes.hpp"
#include "support/shared_data.hpp"

namespace trackier::envelope {
namespace {

using test::content_of;
using test::error_of;

/// Line by line a block of ours: bodies, which we write on the stanza's line, are left out, and a
/// stanza for a passphrase gets one of the right length.
std::string recast(const std::string& file) {
  std::istringstream lines{file.substr(file.find("age-encryption.org/"))};
  std::string text = "trackier-envelope/1 1\n@ 0f1e2d3c4b5a69788796a5b4c3d2e1f0 cobblestone-256\n";
  std::string line;
  std::getline(lines, line);  // "age-encryption.org/v1"
  while (std::getline(lines, line)) {
    const bool is_body = std::ranges::all_of(line, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
    });
    if (is_body) {
      continue;
    }
    text += line;
    if (line.starts_with("-> scrypt")) {
      text += " " + std::string(64, 'A');
    }
    text += "\n";
    if (line.starts_with("---")) {
      break;
    }
  }
  text.resize(4051, ' ');
  text += '\n';
  return text + crypto::base64(crypto::sha256(as_bytes(text))) + "\n";
}

TEST_CASE("malformed headers are malformed here, too") {
  const auto path = test::shared_data("vectors/cctv-age");
  if (!path) {
    return;
  }
  // Those that are good, or whose mistake is in a body, in a MAC that somebody has to check, or in
  // the case of a type, which makes it one that is passed over.
  const std::set<std::string> good{"hmac_bad",
                                   "scrypt",
                                   "scrypt_bad_tag",
                                   "scrypt_long_file_key",
                                   "scrypt_no_match",
                                   "scrypt_not_canonical_body",
                                   "scrypt_uppercase",
                                   "scrypt_work_factor_wrong",

                                   "stanza_empty_body",
                                   "stanza_empty_last_line",
                                   "stanza_long_line",
                                   "stanza_missing_body",
                                   "stanza_missing_final_line",
                                   "stanza_multiple_short_lines",
                                   "stanza_not_canonical",
                                   "stanza_valid_characters"};
  int refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator{*path}) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("hmac_") && !name.starts_with("scrypt") && !name.starts_with("stanza_")) {
      continue;
    }
    CAPTURE(name);
    const std::string file = content_of(entry.path());
    const ParsedBlock parsed = parse_block(as_bytes(recast(file)));
    CHECK(parsed.fault == (good.contains(name) ? BlockFault::none : BlockFault::malformed));
    CAPTURE(parsed.why);
    refused += parsed.fault == BlockFault::none ? 0 : 1;
    // And what it is itself is no envelope at all.
    CHECK(error_of([&] { parse_head(as_bytes(file), name); }).code() == Code::data);
  }
  CHECK(refused > 25);
}

}  // namespace
}  // namespace trackier::envelope
