#include "audit/merkle.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::audit {
namespace {

using test::error_of;
using test::from_hex;
using test::to_hex;

/// All leaves of a tree; nodes are computed from them, in another way than the library does.
struct Tree {
  std::vector<Hash> leaves;

  [[nodiscard]] Nodes nodes() const {
    return [this](unsigned level, std::uint64_t index) {
      std::vector<Hash> row{leaves.begin() + static_cast<std::ptrdiff_t>(index << level),
                            leaves.begin() + static_cast<std::ptrdiff_t>((index + 1) << level)};
      while (row.size() > 1) {
        for (std::size_t i = 0; i < row.size() / 2; ++i) {
          row[i] = node_hash(row[2 * i], row[2 * i + 1]);
        }
        row.resize(row.size() / 2);
      }
      return row.front();
    };
  }
};

Tree tree_of(std::uint64_t size) {
  Tree tree;
  for (std::uint64_t i = 0; i < size; ++i) {
    tree.leaves.push_back(leaf_hash(as_bytes("leaf " + std::to_string(i))));
  }
  return tree;
}

// Certificate Transparency's reference tree (transparency-dev/merkle, testonly/constants.go).
constexpr std::array<std::string_view, 8> ct_leaves{"",
                                                    "00",
                                                    "10",
                                                    "2021",
                                                    "3031",
                                                    "40414243",
                                                    "5051525354555657",
                                                    "606162636465666768696a6b6c6d6e6f"};
constexpr std::array<std::string_view, 9> ct_roots{
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

Tree ct_tree() {
  Tree tree;
  for (const std::string_view leaf : ct_leaves) {
    tree.leaves.push_back(leaf_hash(as_bytes(from_hex(leaf))));
  }
  return tree;
}

std::vector<std::string> in_hex(const std::vector<Hash>& hashes) {
  std::vector<std::string> texts;
  texts.reserve(hashes.size());
  for (const Hash& each : hashes) {
    texts.push_back(to_hex(each));
  }
  return texts;
}

TEST_CASE("heads are those of Certificate Transparency's reference tree") {
  const Tree tree = ct_tree();
  Frontier frontier;
  for (std::size_t size = 0; size < ct_roots.size(); ++size) {
    CAPTURE(size);
    CHECK(frontier.size() == size);
    CHECK(to_hex(frontier.root()) == ct_roots[size]);
    CHECK(to_hex(root_of(size, tree.nodes())) == ct_roots[size]);
    if (size < tree.leaves.size()) {
      frontier.append(tree.leaves[size]);
    }
  }
}

TEST_CASE("proofs are those of Certificate Transparency's reference tree") {
  const Tree tree = ct_tree();
  CHECK(
      in_hex(inclusion_proof(0, 8, tree.nodes())) ==
      std::vector<std::string>{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                               "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                               "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"});
  CHECK(
      in_hex(inclusion_proof(5, 8, tree.nodes())) ==
      std::vector<std::string>{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                               "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"});
  CHECK(
      in_hex(consistency_proof(1, 8, tree.nodes())) ==
      std::vector<std::string>{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                               "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                               "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"});
  CHECK(
      in_hex(consistency_proof(6, 8, tree.nodes())) ==
      std::vector<std::string>{"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                               "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"});
  CHECK(
      in_hex(consistency_proof(2, 5, tree.nodes())) ==
      std::vector<std::string>{"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                               "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"});
}

/// A proof with something wrong: a bit, a hash too many, too few, in another order.
std::vector<std::vector<Hash>> mutations(const std::vector<Hash>& proof) {
  std::vector<std::vector<Hash>> all;
  auto longer = proof;
  longer.push_back(Hash{});
  all.push_back(longer);
  longer.insert(longer.begin(), longer.back());
  longer.pop_back();
  all.push_back(longer);
  if (!proof.empty()) {
    all.emplace_back(proof.begin(), proof.end() - 1);
    all.emplace_back(proof.begin() + 1, proof.end());
    auto changed = proof;
    changed[proof.size() / 2][7] ^= std::byte{1};
    all.push_back(changed);
  }
  if (proof.size() > 1) {
    auto swapped = proof;
    std::swap(swapped.front(), swapped.back());
    all.push_back(swapped);
  }
  return all;
}

TEST_CASE("every honest proof of inclusion is accepted, and none that is not") {
  constexpr std::uint64_t most = 300;
  const Tree tree = tree_of(most);
  std::size_t accepted = 0;
  std::size_t wrongly = 0;
  for (std::uint64_t size = 1; size <= most; size += size < 40 ? 1 : 13) {
    const Hash root = root_of(size, tree.nodes());
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, tree.nodes());
      const Hash& leaf = tree.leaves[index];
      REQUIRE(verify_inclusion(leaf, index, size, proof, root));
      ++accepted;
      for (const auto& other : mutations(proof)) {
        wrongly += verify_inclusion(leaf, index, size, other, root) ? 1U : 0U;
      }
      wrongly += verify_inclusion(leaf, size, size, proof, root) ? 1U : 0U;
      wrongly += verify_inclusion(Hash{}, index, size, proof, root) ? 1U : 0U;
      wrongly += size > 1 && verify_inclusion(leaf, index ^ 1U, size, proof, root) ? 1U : 0U;
      wrongly += verify_inclusion(leaf, index, size, proof, Hash{}) ? 1U : 0U;
    }
  }
  CHECK(accepted > 3000);
  CHECK(wrongly == 0);
}

TEST_CASE("every honest proof of consistency is accepted, and none that is not") {
  constexpr std::uint64_t most = 300;
  const Tree tree = tree_of(most);
  std::vector<Hash> roots;
  for (std::uint64_t size = 0; size <= most; ++size) {
    roots.push_back(root_of(size, tree.nodes()));
  }
  const auto accepts = [](std::uint64_t first, const Hash& first_root, std::uint64_t second,
                          const Hash& second_root, const std::vector<Hash>& proof) {
    return verify_consistency(first, first_root, second, second_root, proof) ? 1U : 0U;
  };
  std::size_t wrongly = 0;
  for (std::uint64_t size = 0; size <= most; size += size < 40 ? 1 : 13) {
    for (std::uint64_t small = 0; small <= size; ++small) {
      const auto proof = consistency_proof(small, size, tree.nodes());
      REQUIRE(proof.size() <= 10);
      REQUIRE(verify_consistency(small, roots[small], size, roots[size], proof));
      for (const auto& other : mutations(proof)) {
        wrongly += accepts(small, roots[small], size, roots[size], other);
      }
      wrongly += accepts(small, Hash{}, size, roots[size], proof);
      wrongly += small == 0 ? 0 : accepts(small, roots[small], size, Hash{}, proof);
      wrongly += small == size ? 0 : accepts(size, roots[size], small, roots[small], proof);
    }
  }
  CHECK(wrongly == 0);
}

TEST_CASE("a proof of what is not there is our mistake") {
  const Tree tree = tree_of(3);
  CHECK(error_of([&] { inclusion_proof(3, 3, tree.nodes()); }).code() == Code::bug);
  CHECK(error_of([&] { consistency_proof(4, 3, tree.nodes()); }).code() == Code::bug);
}

TEST_CASE("a leaf of any length is hashed with the mark in front") {
  for (const std::size_t size : {0U, 1U, 2046U, 2047U, 2048U, 5000U}) {
    const std::string entry(size, 'x');
    CHECK(leaf_hash(as_bytes(entry)) == crypto::sha256(as_bytes(std::string(1, '\0') + entry)));
  }
}

}  // namespace
}  // namespace trackier::audit
