// The examples of trackier-proof(5), which know nothing of the program, read what it writes.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include "crypto/base64.hpp"
#include "example.hpp"
#include "os/program.hpp"
#include "proof/proof_directory.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::proof {
namespace {

using test::contains;

/// The literal lines of the manual that begin with `begin`, without their mdoc.
std::string example_of_manual(std::string_view begin) {
  const std::string page = test::content_of(TRACKIER_SOURCE_DIR "/man/trackier-proof.5");
  const std::size_t at = page.find(std::string{"\n"}.append(begin));
  REQUIRE(at != std::string::npos);
  std::string text = page.substr(at + 1, page.find("\n.Ed\n", at) - at);
  for (std::size_t e = 0; (e = text.find("\\e", e)) != std::string::npos; ++e) {
    text.erase(e + 1, 1);
  }
  return text;
}

/// Three proofs in a store, and a place to run programs in.
struct Shop {
  Shop() {
    const auto store = store::StoreDirectory::open_or_create(os::posix(), directory / "store");
    const ProofDirectory proofs{os::posix(), store.source("shop"), {}};
    for (int i = 0; i < 3; ++i) {
      Proof proof = example();
      proof.store = store.id();
      proof.by = "uid 1000 (\u00e4\\x07\x7f\t)";
      proofs.append(proof, key_of('k'));
    }
    const auto place = store.source("shop").proofs();
    for (const auto& name : os::posix().list(place)) {
      files.push_back((place / name).native());
    }
    std::filesystem::create_directory(directory / "work");
  }

  [[nodiscard]] os::Printed run(const std::string& program, const std::string& script,
                                const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{directory.write("work/script", script).native()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return os::run_program({.program = program,
                            .arguments = all,
                            .environment = {"PATH=/usr/bin:/bin"},
                            .directory = directory / "work"},
                           1U << 20U);
  }

  void change(std::size_t file, std::string_view from, std::string_view to) const {
    std::string text = test::content_of(files.at(file));
    text.replace(text.find(from), from.size(), to);
    std::ofstream{files.at(file), std::ios::binary} << text;
  }

  test::TemporaryDirectory directory;
  std::vector<std::string> files;
};

TEST_CASE("a signature is checked with openssl as the manual says") {
  if (!std::filesystem::exists("/usr/bin/openssl")) {
    MESSAGE("SKIPPED: there is no /usr/bin/openssl");
    return;
  }
  const Shop shop;
  const std::string script = example_of_manual("set -- ");
  const os::Printed said = shop.run("/bin/sh", script, {shop.files[1]});
  CHECK_MESSAGE(said.ended.well(), said.ended.complaints);
  CHECK(contains(said.output, "Signature Verified Successfully"));
  shop.change(1, "vault", "fault");
  CHECK(shop.run("/bin/sh", script, {shop.files[1]}).ended.status != 0);
}

TEST_CASE("all records of a source are checked with Python as the manual says") {
  const Shop shop;
  if (!std::filesystem::exists("/usr/bin/python3") ||
      !shop.run("/usr/bin/python3", "import cryptography", {}).ended.well()) {
    MESSAGE("SKIPPED: there is no /usr/bin/python3 with the package cryptography");
    return;
  }
  const std::string script = example_of_manual("import base64");
  const os::Printed said = shop.run("/usr/bin/python3", script, shop.files);
  REQUIRE_MESSAGE(said.ended.well(), said.ended.complaints);
  const std::string key = crypto::base64(crypto::ed25519_public(key_of('k')));
  CHECK(said.output == "1 " + key + " content passed\n2 " + key + " content passed\n3 " + key +
                           " content passed\n");
  CHECK(contains(
      shop.run("/usr/bin/python3", script, {shop.files[0], shop.files[2]}).ended.complaints,
      "AssertionError"));
  shop.change(2, "vault", "fault");
  CHECK(contains(shop.run("/usr/bin/python3", script, shop.files).ended.complaints,
                 "InvalidSignature"));
}

}  // namespace
}  // namespace trackier::proof
