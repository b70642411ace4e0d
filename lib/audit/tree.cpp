#include "audit/tree.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>
#include <utility>

#include "audit/record.hpp"
#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::audit {
namespace {

constexpr unsigned private_file = 0600;
constexpr std::size_t hash_bytes = sizeof(Hash);

/// Where a node stands in the file: nodes are written as soon as all their leaves are there, left
/// before right before parent, so that a file is only added to.
std::uint64_t place_of(unsigned level, std::uint64_t index) {
  for (unsigned above = level; above > 0; --above) {
    index = 2 * index + 1;
  }
  std::uint64_t place = 0;
  for (; index > 0; index >>= 1U) {
    place += index;
  }
  return place + level;
}

/// How many nodes stand in front of leaf `size`.
std::uint64_t nodes_of(std::uint64_t size) {
  std::uint64_t count = 0;
  for (; size > 0; size >>= 1U) {
    count += size;
  }
  return count;
}

}  // namespace

Tree::Tree(os::FileSystem& files, std::filesystem::path directory)
    : files_(files), directory_(std::move(directory)) {
  const auto path = directory_ / tree_name;
  file_ = files_.entry(path) ? files_.open_for_update(path)
                             : files_.create_exclusive(path, private_file);
  if (!file_) {
    throw Error{Code::io, fmt::format("{} comes and goes", printable(path.native()))};
  }
  if (!load() || !catch_up()) {
    rebuild();
  }
}

void Tree::rebuild() {
  at_ = {};
  file_->truncate(0);
  if (!catch_up()) {
    throw Error{Code::data,
                fmt::format("the audit log in {} is damaged", printable(directory_.native())),
                "audit verify says where"};
  }
}

bool Tree::load() {
  const auto path = directory_ / position_name;
  if (!files_.entry(path)) {
    return false;
  }
  constexpr std::size_t most = 512;
  std::istringstream text{os::read_whole(files_, path, most)};
  std::string last;
  std::string root;
  if (!(text >> at_.size >> at_.segment >> at_.offset >> last >> root) ||
      !from_hexadecimal(last, at_.last) || !from_hexadecimal(root, at_.root)) {
    return false;
  }
  const std::uint64_t bytes = nodes_of(at_.size) * hash_bytes;
  if (at_.size > most_number || file_->status().size < bytes) {
    return false;
  }
  file_->truncate(bytes);
  return root_of(at_.size, nodes()) == at_.root;
}

bool Tree::catch_up() {
  const auto segments = segments_in(files_, directory_);
  const Position before = at_;
  std::string added;
  std::uint64_t written = nodes_of(at_.size);
  const auto flush = [&] {
    file_->write_at(written * hash_bytes, as_bytes(added));
    written += added.size() / hash_bytes;
    added.clear();
  };
  // Nodes on the right edge of complete trees, the smallest last.
  std::vector<Hash> edge;
  for (unsigned level = 64; level-- > 0;) {
    if ((at_.size >> level & 1U) != 0) {
      edge.push_back(node(level, (at_.size >> level) - 1));
    }
  }
  Record record;
  bool has_ended = false;
  for (const Segment segment : segments) {
    if (segment < at_.segment) {
      continue;
    }
    if (segment != at_.segment) {
      if (segment != at_.segment + 1) {
        return false;
      }
      at_.segment = segment;
      at_.offset = 0;
    }
    const auto file = files_.open(directory_ / segment_name(segment));
    const std::uint64_t end = file->status().size;
    if (end < at_.offset) {
      return false;
    }
    LineReader lines{*file, at_.offset, end};
    while (const auto line = lines.next()) {
      if (has_ended) {
        return false;
      }
      if (!line->has_end || !parse_record(line->text, record)) {
        has_ended = true;  // cut short, if nothing follows
        continue;
      }
      if (record.seq != at_.size || record.previous != at_.last) {
        return false;
      }
      Hash hash = at_.last = leaf_hash(as_bytes(line->text));
      added += as_text(hash);
      for (std::uint64_t bits = at_.size; (bits & 1U) != 0; bits >>= 1U) {
        hash = node_hash(edge.back(), hash);
        edge.pop_back();
        added += as_text(hash);
      }
      edge.push_back(hash);
      ++at_.size;
      at_.offset = line->offset + line->text.size() + 1;
      constexpr std::size_t flush_bytes = std::size_t{1} << 20U;
      if (added.size() >= flush_bytes) {
        flush();
      }
    }
  }
  flush();
  at_.root = root_of(at_.size, nodes());
  if (at_.size != before.size || before.size == 0) {
    save();
  }
  return true;
}

void Tree::save() const {
  os::ReplaceFile file{files_, directory_ / position_name, {.replace = true, .sync = false}};
  file.write(as_bytes(fmt::format("{} {} {} {} {}\n", at_.size, at_.segment, at_.offset,
                                  hexadecimal(at_.last), hexadecimal(at_.root))));
  file.finish();
}

Hash Tree::node(unsigned level, std::uint64_t index) const {
  Hash hash{};
  if (file_->read_at(place_of(level, index) * hash_bytes, hash) != hash.size()) {
    throw Error{Code::io,
                fmt::format("{} became shorter", printable((directory_ / tree_name).native()))};
  }
  return hash;
}

Nodes Tree::nodes() const {
  return [this](unsigned level, std::uint64_t index) { return node(level, index); };
}

Hash Tree::root_at(std::uint64_t size) {
  if (size > at_.size) {
    throw Error{Code::bug, "the head of a larger log"};
  }
  return root_of(size, nodes());
}

std::vector<Hash> Tree::inclusion(std::uint64_t index, std::uint64_t size) {
  auto proof = inclusion_proof(index, size, nodes());
  if (!verify_inclusion(node(0, index), index, size, proof, root_at(size))) {
    rebuild();
    proof = inclusion_proof(index, size, nodes());
  }
  return proof;
}

std::vector<Hash> Tree::consistency(std::uint64_t old_size, std::uint64_t size) {
  auto proof = consistency_proof(old_size, size, nodes());
  if (!verify_consistency(old_size, root_at(old_size), size, root_at(size), proof)) {
    rebuild();
    proof = consistency_proof(old_size, size, nodes());
  }
  return proof;
}

std::string Tree::record(std::uint64_t index) const {
  for (const Segment segment : segments_in(files_, directory_)) {
    const auto file = files_.open(directory_ / segment_name(segment));
    LineReader lines{*file, 0, file->status().size};
    Record record;
    while (const auto line = lines.next()) {
      if (line->has_end && parse_record(line->text, record) && record.seq == index) {
        return std::string{line->text};
      }
    }
  }
  throw Error{Code::no_input, fmt::format("the audit log has no record {}", index)};
}

}  // namespace trackier::audit
