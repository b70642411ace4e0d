#pragma once
/// The Merkle tree of RFC 6962, section 2.1, over SHA-256: heads, and proofs that a leaf is in a
/// tree (inclusion) and that a tree only grew (consistency).
///
/// A node is named by its level and its index: (0, i) is leaf i, (k, i) the root of leaves
/// i * 2^k to (i + 1) * 2^k - 1, all of which are there. Such complete nodes never change, and
/// every head and proof follows from at most 2 * 64 of them.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "crypto/digest.hpp"

namespace trackier::audit {

using Hash = crypto::Sha256Digest;

/// SHA-256(0x00 || entry).
Hash leaf_hash(Bytes entry);

/// SHA-256(0x01 || left || right).
Hash node_hash(const Hash& left, const Hash& right);

/// The right edge of a growing tree: what its head is made of. A leaf costs one or two hashes on
/// average, a head as many as there are bits set in the size.
class Frontier {
 public:
  Frontier() = default;

  void append(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// Of no leaves it is the hash of nothing.
  [[nodiscard]] Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> complete_;  ///< one for each bit set in size_, the largest tree first
};

/// Where complete nodes come from.
using Nodes = std::function<Hash(unsigned level, std::uint64_t index)>;

/// The head of the first `size` leaves.
Hash root_of(std::uint64_t size, const Nodes& nodes);

/// From the leaf's sibling up. Throws Error{Code::bug} unless index < size.
std::vector<Hash> inclusion_proof(std::uint64_t index, std::uint64_t size, const Nodes& nodes);

/// That the first `old_size` leaves of `size` are what they were. Empty when the sizes are equal or
/// old_size is 0. Throws Error{Code::bug} unless old_size <= size.
std::vector<Hash> consistency_proof(std::uint64_t old_size, std::uint64_t size, const Nodes& nodes);

/// RFC 9162, section 2.1.3.2.
[[nodiscard]] bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                    std::span<const Hash> proof, const Hash& root);

/// RFC 9162, section 2.1.4.2; a tree of no leaves is the beginning of every other.
[[nodiscard]] bool verify_consistency(std::uint64_t old_size, const Hash& old_root,
                                      std::uint64_t size, const Hash& root,
                                      std::span<const Hash> proof);

}  // namespace trackier::audit
