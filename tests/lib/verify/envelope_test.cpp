// The key of a chain, of which a drill has to see that it comes out of the store.
#include <doctest/doctest.h>

#include "shop.hpp"
#include "verify/drill.hpp"

using namespace trackier;
using namespace trackier::verify;
using namespace trackier::verify::test_shop;
using proof::Level;
using proof::Verdict;

TEST_CASE("a key that this host keeps does not hide an envelope that no other could open") {
  Shop shop;
  shop.back_up();
  shop.kept = shop.open_envelope();
  shop.options.level = Level::data;
  const auto unchecked = [](const proof::Proof& proof) {
    const auto found = std::ranges::find(proof.unchecked, "the envelope of the chain's key",
                                         &content::Unchecked::name);
    return found == proof.unchecked.end() ? std::string{} : found->why;
  };
  CHECK(unchecked(shop.drill(0)) == "no identity is here to open it: pass -i");
  shop.enveloped_key = [&] { return shop.open_envelope(); };
  proof::Proof proof = shop.drill(0);
  CHECK(proof.verdict == Verdict::passed);
  CHECK(check_of(proof, "envelope").verdict == Verdict::passed);
  CHECK(unchecked(proof).empty());

  shop.enveloped_key = [] { return crypto::random_secret(32); };
  proof = shop.drill(0);
  CHECK(proof.verdict == Verdict::failed);
  CHECK(said_of(check_of(proof, "envelope")).find(shop.chain() + ".tke") != std::string::npos);

  shop.enveloped_key = []() -> crypto::Secret { throw Error{Code::no_permission, "not mine"}; };
  proof = shop.drill(0);
  CHECK(proof.verdict == Verdict::passed);
  CHECK(unchecked(proof) == "not mine");

  std::ofstream{shop.world.source.chain_envelope(shop.chain())} << "something else";
  shop.enveloped_key = [&] { return shop.open_envelope(); };
  for (const bool has_key : {true, false}) {
    proof = shop.drill(0, has_key);
    CHECK(proof.verdict == Verdict::failed);
    CHECK(check_of(proof, "envelope").verdict == Verdict::failed);
    CHECK(said_of(check_of(proof, "envelope")).find("chain " + shop.chain()) != std::string::npos);
  }
}
