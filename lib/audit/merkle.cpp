#include "audit/merkle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/error.hpp"

namespace trackier::audit {
namespace {

constexpr std::byte leaf_mark{0};
constexpr std::byte node_mark{1};

/// The largest power of two below `size`, which is 2 or more: where RFC 6962 splits a tree.
std::uint64_t split_of(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

/// The root of leaves `first` to `first + size - 1`, where `first` is a multiple of a power of two
/// that is not below `size`.
Hash range_hash(std::uint64_t first, std::uint64_t size, const Nodes& nodes) {
  if (std::has_single_bit(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return nodes(level, first >> level);
  }
  const std::uint64_t left = split_of(size);
  return node_hash(range_hash(first, left, nodes), range_hash(first + left, size - left, nodes));
}

/// RFC 6962, section 2.1.2, SUBPROOF; `whole` is its b.
void add_subproof(std::uint64_t old_size, std::uint64_t first, std::uint64_t size, bool whole,
                  const Nodes& nodes, std::vector<Hash>& proof) {
  if (old_size == size) {
    if (!whole) {
      proof.push_back(range_hash(first, size, nodes));
    }
    return;
  }
  const std::uint64_t left = split_of(size);
  if (old_size <= left) {
    add_subproof(old_size, first, left, whole, nodes, proof);
    proof.push_back(range_hash(first + left, size - left, nodes));
  } else {
    add_subproof(old_size - left, first + left, size - left, false, nodes, proof);
    proof.push_back(range_hash(first, left, nodes));
  }
}

/// "If LSB(fn) is not set, then right-shift both fn and sn equally until either LSB(fn) is set or
/// fn is 0" (RFC 9162, sections 2.1.3.2 and 2.1.4.2).
void climb_while_left(std::uint64_t& fn, std::uint64_t& sn) {
  while ((fn & 1U) == 0 && fn != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
}

}  // namespace

Hash leaf_hash(Bytes entry) {
  // In one piece, for one call of OpenSSL costs less than three; lines are short.
  constexpr std::size_t most_copied = 2048;
  if (entry.size() < most_copied) {
    std::array<std::byte, most_copied> message;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    message[0] = leaf_mark;
    std::ranges::copy(entry, message.begin() + 1);
    return crypto::sha256(Bytes{message}.first(entry.size() + 1));
  }
  crypto::Sha256 digest;
  digest.add({&leaf_mark, 1});
  digest.add(entry);
  return digest.finish();
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::byte, 1 + 2 * sizeof(Hash)> message;  // NOLINT(*-pro-type-member-init) is filled
  message[0] = node_mark;
  std::memcpy(message.data() + 1, left.data(), left.size());
  std::memcpy(message.data() + 1 + left.size(), right.data(), right.size());
  return crypto::sha256(message);
}

void Frontier::append(const Hash& leaf) {
  Hash hash = leaf;
  for (std::uint64_t bits = size_; (bits & 1U) != 0; bits >>= 1U) {
    hash = node_hash(complete_.back(), hash);
    complete_.pop_back();
  }
  complete_.push_back(hash);
  ++size_;
}

Hash Frontier::root() const {
  if (complete_.empty()) {
    return crypto::sha256({});
  }
  Hash hash = complete_.back();
  for (std::size_t i = complete_.size() - 1; i > 0; --i) {
    hash = node_hash(complete_[i - 1], hash);
  }
  return hash;
}

Hash root_of(std::uint64_t size, const Nodes& nodes) {
  return size == 0 ? crypto::sha256({}) : range_hash(0, size, nodes);
}

std::vector<Hash> inclusion_proof(std::uint64_t index, std::uint64_t size, const Nodes& nodes) {
  if (index >= size) {
    throw Error{Code::bug, "a proof of a leaf that is not in the tree"};
  }
  std::vector<Hash> proof;
  std::uint64_t first = 0;
  while (size > 1) {
    const std::uint64_t left = split_of(size);
    if (index - first < left) {
      proof.push_back(range_hash(first + left, size - left, nodes));
      size = left;
    } else {
      proof.push_back(range_hash(first, left, nodes));
      first += left;
      size -= left;
    }
  }
  std::ranges::reverse(proof);
  return proof;
}

std::vector<Hash> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                    const Nodes& nodes) {
  if (old_size > size) {
    throw Error{Code::bug, "a proof that a tree shrank"};
  }
  std::vector<Hash> proof;
  if (old_size != 0) {
    add_subproof(old_size, 0, size, true, nodes, proof);
  }
  return proof;
}

bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const Hash> proof, const Hash& root) {
  if (index >= size) {
    return false;
  }
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Hash hash = leaf;
  for (const Hash& each : proof) {
    if (sn == 0) {
      return false;
    }
    if ((fn & 1U) != 0 || fn == sn) {
      hash = node_hash(each, hash);
      climb_while_left(fn, sn);
    } else {
      hash = node_hash(hash, each);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                        const Hash& root, std::span<const Hash> proof) {
  if (old_size > size) {
    return false;
  }
  if (old_size == size) {
    return proof.empty() && old_root == root;
  }
  if (old_size == 0) {
    return proof.empty() && old_root == crypto::sha256({});
  }
  // "If first is an exact power of 2, then prepend first_hash to the consistency_path array."
  const bool is_whole = std::has_single_bit(old_size);
  if (!is_whole && proof.empty()) {
    return false;
  }
  std::uint64_t fn = old_size - 1;
  std::uint64_t sn = size - 1;
  while ((fn & 1U) != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
  Hash old_hash = is_whole ? old_root : proof.front();
  Hash hash = old_hash;
  for (const Hash& each : proof.subspan(is_whole ? 0 : 1)) {
    if (sn == 0) {
      return false;
    }
    if ((fn & 1U) != 0 || fn == sn) {
      old_hash = node_hash(each, old_hash);
      hash = node_hash(each, hash);
      climb_while_left(fn, sn);
    } else {
      hash = node_hash(hash, each);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && old_hash == old_root && hash == root;
}

}  // namespace trackier::audit
