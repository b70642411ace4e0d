// What another program makes by trackier-keyring(5): tests/vectors/keyring.py.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/base64.hpp"
#include "envelope/stanza.hpp"
#include "keyring/certificate.hpp"
#include "keyring/keyring_file.hpp"
#include "keyring/recipient_line.hpp"
#include "keyring/sealed_secret.hpp"
#include "keyring/share.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::keyring {
namespace {

using crypto::Secret;

const nlohmann::json& vectors() {
  static const nlohmann::json read = [] {
    std::ifstream file{TRACKIER_SOURCE_DIR "/tests/vectors/keyring.json"};
    return nlohmann::json::parse(file);
  }();
  return read;
}

Secret secret_of(const nlohmann::json& digits) {
  return Secret::copy_of(as_bytes(test::from_hex(digits.get<std::string>())));
}

TEST_CASE("secrets that another program sealed open, under their own name alone") {
  const Secret root_key = secret_of(vectors()["root_key"]);
  const Secret half = secret_of(vectors()["half"]);
  REQUIRE(vectors()["secrets"].size() == 2);
  for (const auto& vector : vectors()["secrets"]) {
    SealedSecret sealed;
    REQUIRE(crypto::from_base64(vector["salt"].get<std::string>(), sealed.salt));
    REQUIRE(crypto::from_base64(vector["sealed"].get<std::string>(), sealed.sealed));
    const KeyName name = parse_key_name(vector["name"].get<std::string>()).value();
    const bool with_half = vector["with_half"];
    const auto opened = [&](const KeyName& as, const Secret& key, bool halved) {
      return open_secret(sealed, as, key, halved ? Secret::copy_of(half.bytes()) : Secret{});
    };
    CHECK(opened(name, root_key, with_half) == secret_of(vector["secret"]));
    KeyName other = name;
    other.version = 2;
    for (const Error& error : {test::error_of([&] { opened(other, root_key, with_half); }),
                               test::error_of([&] { opened(name, root_key, !with_half); }),
                               test::error_of([&] { opened(name, half, with_half); })}) {
      CHECK(error.code() == Code::data);
    }
    for (std::size_t at = 0; at < sealed.sealed.size(); ++at) {
      sealed.sealed.at(at) ^= std::byte{1};
      CHECK(test::error_of([&] { opened(name, root_key, with_half); }).code() == Code::data);
      sealed.sealed.at(at) ^= std::byte{1};
    }
  }
  CHECK(envelope::to_text(id_of_half(half)) == vectors()["half_id"]);
}

TEST_CASE("a secret is never sealed twice alike") {
  const Secret root_key = secret_of(vectors()["root_key"]);
  const KeyName name{"acme", Purpose::encrypt, 1};
  const SealedSecret one = seal_secret(root_key, name, root_key, {});
  const SealedSecret two = seal_secret(root_key, name, root_key, {});
  CHECK(one.salt != two.salt);
  CHECK(one.sealed != two.sealed);
  CHECK(open_secret(one, name, root_key, {}) == root_key);
}

TEST_CASE("lines that another program signed are read and verified") {
  const auto signer = parse_signer(vectors()["signer"].get<std::string>());
  REQUIRE(signer);
  REQUIRE(vectors()["lines"].size() == 2);
  for (const std::string text : vectors()["lines"]) {
    const RecipientLine line = parse_recipient_line(text);
    CHECK(is_signed_by(line, *signer));
    CHECK(to_text(line) == text);
  }
}

TEST_CASE("a certificate that another program signed is verified") {
  const std::string text = vectors()["certificate"];
  const auto signer = parse_signer(vectors()["signer"].get<std::string>());
  CHECK(verify_certificate(text, signer.value()));
}

TEST_CASE("shares that another program made give the key back") {
  const Secret key = secret_of(vectors()["unlock_key"]);
  for (const auto& set : vectors()["shares"]) {
    std::vector<NamedShare> shares;
    for (const std::string line : set["lines"]) {
      shares.push_back({.name = line.substr(0, 30), .share = parse_share(as_bytes(line), "share")});
      CHECK(as_text(to_text(shares.back().share).bytes()) == line + "\n");
    }
    CHECK(combine(shares) == key);
    std::ranges::reverse(shares);
    shares.resize(set["threshold"]);
    CHECK(combine(shares) == key);
  }
}

TEST_CASE("a keyring that another program made opens with its key and with its passphrase") {
  const test::TemporaryDirectory directory;
  const auto bytes = crypto::bytes_from_base64(vectors()["keyring"].get<std::string>());
  REQUIRE(bytes);
  const KeyringPlace place{directory.write("keyring.tke", *bytes), {}};
  const auto passphrase = [] {
    return Secret::copy_of(as_bytes(vectors()["passphrase"].get<std::string>()));
  };
  for (const auto& identity : {envelope::wrapping_key_identity(secret_of(vectors()["unlock_key"])),
                               envelope::passphrase_identity(passphrase)}) {
    const KeyringFile file = KeyringFile::open(os::posix(), place, {identity}, {}, {});
    CHECK(file.keyring().document().generation == 3);
    CHECK(file.keyring().secret_of(parse_key_name("acme/encrypt/1").value()).secret ==
          secret_of(vectors()["opener"]));
  }
}

}  // namespace
}  // namespace trackier::keyring
