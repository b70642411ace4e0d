#pragma once
/// The Merkle tree of a log, kept in a file beside it so that a head or a proof does not cost
/// reading the whole log: only what was added since. A cache, not synced and not believed: what
/// does not fit is made anew from the log.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "audit/merkle.hpp"
#include "audit/segments.hpp"
#include "os/file.hpp"

namespace trackier::audit {

class Tree {
 public:
  /// Reads what has come to the log since the last time. To be used by one run at a time: hold the
  /// log (hold_log). Throws Error{Code::data} when the log is no chain.
  Tree(os::FileSystem& files, std::filesystem::path directory);

  [[nodiscard]] std::uint64_t size() const noexcept { return at_.size; }
  [[nodiscard]] Hash root_at(std::uint64_t size);

  /// Proofs are checked before they are given out, and the cache is made anew when one is wrong.
  [[nodiscard]] std::vector<Hash> inclusion(std::uint64_t index, std::uint64_t size);
  [[nodiscard]] std::vector<Hash> consistency(std::uint64_t old_size, std::uint64_t size);

  /// Record `index`, without its line end. Reads the log up to there.
  [[nodiscard]] std::string record(std::uint64_t index) const;

 private:
  /// How far the cache reaches, and where the log goes on.
  struct Position {
    std::uint64_t size = 0;
    Segment segment = 1;
    std::uint64_t offset = 0;
    Hash last{};  ///< leaf hash of the last record
    Hash root{};
  };

  [[nodiscard]] bool load();
  [[nodiscard]] bool catch_up();
  void rebuild();
  void save() const;
  [[nodiscard]] Hash node(unsigned level, std::uint64_t index) const;
  [[nodiscard]] Nodes nodes() const;

  os::FileSystem& files_;
  std::filesystem::path directory_;
  std::unique_ptr<os::File> file_;
  Position at_;
};

}  // namespace trackier::audit
