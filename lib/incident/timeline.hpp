#pragma once
/// The timelines of all incidents, in one SQLite database that only ever grows.
/// trackier-timeline(5), STORAGE.

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "incident/entry.hpp"
#include "os/file.hpp"
#include "sqlite/connection.hpp"

namespace trackier::incident {

/// The first entry that is not what was recorded, and what is wrong with it.
struct BadEntry {
  std::uint64_t seq = 0;
  std::string why;
};

struct Chain {
  std::vector<SignedEntry> entries;  ///< up to the bad one
  std::optional<BadEntry> bad;
  std::string head;                 ///< hash of the last entry
  bool has_lost_head = false;       ///< nothing beside it says how many entries there were
  std::vector<std::string> doubts;  ///< what the clocks said that does not fit together
};

class Timeline {
 public:
  struct Options {
    std::filesystem::path directory;             ///< made, 0700, when it is not there
    std::chrono::milliseconds patience{10'000};  ///< for other runs
    std::stop_token stop;
    std::set<crypto::Ed25519Public> signers;  ///< whose signatures count; empty: everybody's
  };

  /// Opens the database, and makes it when it is not there; one that cannot be written to, for
  /// reading. Throws Error{Code::no_permission} when others may write to the directory.
  Timeline(os::FileSystem& files, Options options);

  /// Of all incidents, in order; those too that are gone though their heads are kept.
  [[nodiscard]] std::vector<std::string> incidents();

  /// Throws Error{Code::usage} with the nearest name for an incident that is not there.
  void expect(const std::string& incident);

  /// All entries, each checked against the one before and the head that is kept beside the
  /// database.
  [[nodiscard]] Chain read(const std::string& incident) { return read(incident, options_.signers); }
  [[nodiscard]] Chain read(const std::string& incident,
                           const std::set<crypto::Ed25519Public>& signers);

  /// Makes the next entry, of the chain as it is while nobody else can add to it. `make` may refuse
  /// by throwing, and nothing is recorded. Durable when it returns. Throws Error{Code::config} when
  /// the signature would not count; Error{Code::busy};
  /// Error{Code::data} when the chain is broken: an entry would hide that.
  using Make = std::function<Entry(const Chain&)>;
  SignedEntry append(const std::string& incident, const crypto::Secret& signing_key,
                     const Make& make);

  /// The first entry of a new incident, which is called PREFIX-YEAR-0001 and so on.
  SignedEntry open(const std::string& prefix, int year, const crypto::Secret& signing_key,
                   Entry entry);

 private:
  void refuse_shared_directory() const;
  [[nodiscard]] std::unique_ptr<os::File> lock();
  SignedEntry add(const std::string& incident, const crypto::Secret& signing_key, Entry entry,
                  const Chain& chain);
  [[nodiscard]] std::map<std::string, std::pair<std::uint64_t, std::string>> heads() const;
  void keep_head(const SignedEntry& entry) const;

  os::FileSystem& files_;
  Options options_;
  std::unique_ptr<sqlite::Connection> database_;
};

}  // namespace trackier::incident
