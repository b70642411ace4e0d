// Envelopes and payloads made by others.
#include <doctest/doctest.h>
#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "envelopes.hpp"
#include "support/hex.hpp"
#include "support/shared_data.hpp"

namespace trackier::envelope {
namespace {

using Json = nlohmann::json;
using test::array_from_hex;
using test::content_of;
using test::from_hex;
using test::shared_data;
using test::to_hex;

crypto::Secret secret_of(const Json& hex) {
  return crypto::Secret::copy_of(as_bytes(from_hex(hex.get<std::string>())));
}

/// A block of a vector, which gives its text up to the MAC.
std::string block_of(std::string text) {
  if (text.back() != '\n') {
    text += '\n';
  }
  text.resize(4051, ' ');
  text += '\n';
  return text + crypto::base64(crypto::sha256(as_bytes(text))) + "\n";
}

std::string payload_of(const Json& vector, const std::string& plain) {
  const auto key = crypto::new_x25519_key();
  return sealed(plain, {public_key_recipient(crypto::x25519_public(key))},
                {.id = array_from_hex<16>(vector["fid"].get<std::string>()),
                 .data_key = secret_of(vector["dek"]),
                 .salt = array_from_hex<24>(vector["salt"].get<std::string>())})
      .substr(head_bytes);
}

TEST_CASE("envelopes of another program open, and ours are the same bytes") {
  const auto path = shared_data("vectors/trackier-envelope/envelope-v1-proposal.json");
  if (!path) {
    return;
  }
  const Json all = Json::parse(content_of(*path));
  int opened = 0;
  for (const Json& vector : all["vectors"]) {
    const std::string plain = plaintext(vector["plaintextLength"].get<std::size_t>());
    const std::string file = block_of(vector["blockA"].get<std::string>()) +
                             block_of(vector["blockB"].get<std::string>()) +
                             payload_of(vector, plain);
    CHECK(file.size() == vector["fileLength"].get<std::size_t>());
    CHECK(to_hex(crypto::sha256(as_bytes(file))) == vector["fileSha256"].get<std::string>());
    for (std::size_t i = 0; i < all["recipients"].size(); ++i) {
      const Outcome outcome =
          opened_as_stream(file, {private_key_identity(secret_of(all["recipients"][i]["sk"]))});
      const auto& with = vector["opensWith"];
      const bool should = std::ranges::find(with, Json("sk" + std::to_string(i + 1))) != with.end();
      CHECK(outcome.finished == should);
      CHECK((outcome.plain == (should ? plain : "")));
      opened += should ? 1 : 0;
    }
  }
  CHECK(opened == 9);
}

/// What tests/vectors/envelope.json calls a way to open an envelope.
Identities identities_of(const Json& all, const Block& block, const Json& names) {
  Identities identities;
  std::vector<OfficerShare> shares;
  for (const Json& name : names) {
    const auto text = name.get<std::string>();
    if (text == "passphrase") {
      identities.push_back(passphrase_identity([&all] {
        return crypto::Secret::copy_of(as_bytes(all["passphrase"].get_ref<const std::string&>()));
      }));
      continue;
    }
    crypto::Secret key = secret_of(all["keys"][text]);
    if (text.starts_with("officer")) {
      auto share = open_officer_share(key, block);
      REQUIRE(share);
      shares.push_back(std::move(*share));
    } else if (text == "wrapping") {
      identities.push_back(wrapping_key_identity(std::move(key)));
    } else {
      identities.push_back(private_key_identity(std::move(key)));
    }
  }
  if (!shares.empty()) {
    identities.push_back(officer_shares_identity(std::move(shares)));
  }
  return identities;
}

TEST_CASE("envelopes that were made from the manual open with who they are for, and nobody else") {
  const Json all = Json::parse(content_of(TRACKIER_SOURCE_DIR "/tests/vectors/envelope.json"));
  const Identities stranger{private_key_identity(crypto::new_x25519_key())};
  for (const Json& vector : all["vectors"]) {
    CAPTURE(vector["name"]);
    const std::string plain = plaintext(vector["length"].get<std::size_t>());
    const std::string payload =
        sealed(plain, {public_key_recipient(crypto::x25519_public(crypto::new_x25519_key()))},
               {.id = array_from_hex<16>(vector["id"].get<std::string>()),
                .data_key = secret_of(vector["data_key"]),
                .salt = array_from_hex<24>(vector["salt"].get<std::string>())})
            .substr(head_bytes);
    CHECK(to_hex(crypto::sha256(as_bytes(payload))) == vector["payload"].get<std::string>());
    std::string second = vector["block_b"].get<std::string>();
    if (vector["block_b_is_torn"].get<bool>()) {
      second.resize(block_bytes);
    } else {
      second = block_of(second);
    }
    const std::string file = block_of(vector["block_a"].get<std::string>()) + second + payload;
    CHECK(to_hex(crypto::sha256(as_bytes(file))) == vector["file"].get<std::string>());
    const Block block = parse_head(as_bytes(file).first(head_bytes), "f").current();
    for (const Json& names : vector["opens_with"]) {
      const Outcome opened = opened_as_stream(file, identities_of(all, block, names));
      CHECK(opened.finished);
      CHECK((opened.plain == plain));
    }
    CHECK_FALSE(opened_as_stream(file, stranger).finished);
  }
}

TEST_CASE("metadata of a vector") {
  const Json all = Json::parse(content_of(TRACKIER_SOURCE_DIR "/tests/vectors/envelope.json"));
  const auto vector = std::ranges::find_if(
      all["vectors"], [](const Json& each) { return each["name"] == "metadata"; });
  REQUIRE(vector != all["vectors"].end());
  const std::string head = block_of((*vector)["block_a"]) + block_of((*vector)["block_b"]);
  const Block block = parse_head(as_bytes(head), "f").current();
  const Metadata metadata =
      open_metadata(block.metadata, secret_of((*vector)["data_key"]), block.id);
  CHECK(metadata.name == "clicks.log");
  CHECK(metadata.modified_ns == 1741597207000000000);
  CHECK(metadata.mode == 0640);
}

std::string inflated(std::string packed) {
  inflate_state state{};
  isal_inflate_init(&state);
  state.crc_flag = ISAL_ZLIB;
  std::string plain(64UL * 1024 * 1024, '\0');
  state.next_in = reinterpret_cast<std::uint8_t*>(packed.data());
  state.avail_in = static_cast<std::uint32_t>(packed.size());
  state.next_out = reinterpret_cast<std::uint8_t*>(plain.data());
  state.avail_out = static_cast<std::uint32_t>(plain.size());
  REQUIRE(isal_inflate(&state) == ISAL_DECOMP_OK);
  REQUIRE(state.avail_out > 0);
  plain.resize(plain.size() - state.avail_out);
  return plain;
}

std::string sha512(const std::string& text) {
  std::array<unsigned char, 64> digest{};
  std::size_t size = 0;
  REQUIRE(EVP_Q_digest(nullptr, "SHA512", nullptr, text.data(), text.size(), digest.data(),
                       &size) == 1);
  return to_hex(std::as_bytes(std::span{digest}));
}

/// What a Cobblestone-256 message gives out before it proves false, if it does.
struct Message {
  std::string plain;
  bool valid = false;
};

Message open_message(const crypto::Secret& key, const std::string& context,
                     const std::string& message) {
  Message opened;
  if (key.size() != 32 || message.size() < preamble_bytes) {
    return opened;
  }
  Salt salt{};
  std::ranges::copy(as_bytes(message).first(salt.size()), salt.begin());
  const PayloadKeys keys{key, salt, as_bytes(context)};
  if (!std::ranges::equal(keys.commitment(),
                          as_bytes(message).subspan(salt_bytes, commitment_bytes))) {
    return opened;
  }
  ChunkCipher cipher{keys};
  Bytes rest = as_bytes(message).subspan(preamble_bytes);
  for (std::uint64_t chunk = 0;; ++chunk) {
    const Bytes sealed = rest.first(std::min(rest.size(), sealed_chunk_bytes));
    std::string plain(sealed.size() < tag_bytes ? 0 : sealed.size() - tag_bytes, '\0');
    if (sealed.size() < tag_bytes ||
        !cipher.open(chunk, sealed, std::as_writable_bytes(std::span{plain}))) {
      return opened;
    }
    opened.plain += plain;
    rest = rest.subspan(sealed.size());
    if (plain.size() < chunk_bytes) {
      opened.valid = rest.empty();
      return opened;
    }
  }
}

TEST_CASE("Wycheproof's Cobblestone-256 messages are taken and refused as they should be") {
  const auto path = shared_data("vectors/wycheproof/c2sp_chunked_encryption_aes_256_gcm_test.json");
  if (!path) {
    return;
  }
  const Json all = Json::parse(content_of(*path));
  int tests = 0;
  for (const Json& group : all["testGroups"]) {
    for (const Json& vector : group["tests"]) {
      CAPTURE(vector["comment"].get<std::string>());
      ++tests;
      const Message message =
          open_message(secret_of(vector["key"]), from_hex(vector["ctx"].get<std::string>()),
                       inflated(from_hex(vector["ct"].get<std::string>())));
      const bool valid = vector["result"].get<std::string>() == "valid";
      CHECK(message.valid == valid);
      if (valid) {
        CHECK(message.plain.size() == vector["msgLength"].get<std::size_t>());
        CHECK(sha512(message.plain) == vector["msgSha512"].get<std::string>());
      }
    }
  }
  CHECK(tests == 35);
}

}  // namespace
}  // namespace trackier::envelope
