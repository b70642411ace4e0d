#pragma once
/// A store in a directory, and the part of it that belongs to one source. Every object appears
/// complete or not at all, is never changed, and manifests come last: what a manifest names is
/// there. trackier-store(5), FILES.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "os/file.hpp"
#include "store/manifest.hpp"

namespace trackier::store {

/// What a lock is for; it is gone when its owner is.
enum class Lock : std::uint8_t {
  write,   ///< who makes or removes backups of the source: one at a time
  read,    ///< who reads packs: any number, but not while packs are removed
  remove,  ///< who removes packs
  prove,   ///< who verifies backups of the source and keeps the proofs: one at a time
};

/// A manifest that cannot be read does not hide the others.
struct Unreadable {
  std::string file;  ///< its name
  std::string why;
};

struct Listing {
  std::vector<SignedManifest> manifests;  ///< in order of sequence
  std::vector<Unreadable> unreadable;
};

class SourceDirectory {
 public:
  /// signers: whose manifests count; empty: everybody's.
  SourceDirectory(os::FileSystem& files, std::filesystem::path path, std::string store_id,
                  std::vector<crypto::Ed25519Public> signers = {});

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path packs() const { return path_ / "packs"; }
  [[nodiscard]] std::filesystem::path manifests() const { return path_ / "manifests"; }
  [[nodiscard]] std::filesystem::path chains() const { return path_ / "chains"; }
  [[nodiscard]] std::filesystem::path holds() const { return path_ / "holds"; }
  [[nodiscard]] std::filesystem::path removals() const { return path_ / "removals"; }
  [[nodiscard]] std::filesystem::path proofs() const { return path_ / "proofs"; }
  [[nodiscard]] std::filesystem::path chain_envelope(const std::string& chain) const {
    return chains() / (chain + ".tke");
  }
  [[nodiscard]] const std::string& store_id() const noexcept { return store_id_; }
  [[nodiscard]] bool exists() const;

  /// Makes what is missing, 0700.
  void create() const;

  /// Throws Error{Code::busy} when someone else has it in a way that excludes this one. The lock is
  /// held as long as the returned file is open.
  [[nodiscard]] std::unique_ptr<os::File> lock(Lock kind) const;
  /// The same; null when it is busy.
  [[nodiscard]] std::unique_ptr<os::File> try_lock(Lock kind) const;

  /// All manifests, their signatures checked. A source without any is empty.
  [[nodiscard]] Listing list() const;

  /// Writes the manifest, when everything it names is synced. Throws Error{Code::cannot_create}
  /// when there is one of this name. Returns its digest, as in SignedManifest.
  std::string publish(const Manifest& manifest, const crypto::Secret& signing_key) const;

  /// Removes temporaries and, unless a manifest is unreadable that might name them, packs that none
  /// names. The caller has Lock::write and Lock::remove. Returns bytes that are free now.
  std::uint64_t sweep(const Listing& listing) const;

  /// Removes the keys of chains that have no backup any more, if they were made before `before`:
  /// whatever copies of their packs there are cannot be read then. The same locks.
  void sweep_chains(const Listing& listing, Time before) const;

 private:
  os::FileSystem& files_;
  std::filesystem::path path_;
  std::string store_id_;
  std::vector<crypto::Ed25519Public> signers_;
};

class StoreDirectory {
 public:
  static constexpr const char* marker = "store.json";  ///< by which a store is known

  /// Throws Error{Code::no_input} when there is none, Error{Code::data} when it is of a later
  /// version.
  static StoreDirectory open(os::FileSystem& files, const std::filesystem::path& path);
  /// Opens it, or makes it in a directory that is empty or missing. Throws
  /// Error{Code::cannot_create} when there is something else.
  static StoreDirectory open_or_create(os::FileSystem& files, const std::filesystem::path& path);

  /// Opens or makes a store that is a copy of this one: its id is the same. append_only: of a new
  /// one. Throws as open_or_create, and when there is another store.
  [[nodiscard]] StoreDirectory copy_at(const std::filesystem::path& path, bool append_only) const;

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Whether nothing is ever removed from it.
  [[nodiscard]] bool is_append_only() const noexcept { return append_only_; }
  /// From here on the manifests of others count as unreadable.
  void trust(std::vector<crypto::Ed25519Public> signers) { signers_ = std::move(signers); }
  [[nodiscard]] SourceDirectory source(const std::string& name) const;
  /// Names of all sources that have something in the store.
  [[nodiscard]] std::vector<std::string> sources() const;

 private:
  StoreDirectory(os::FileSystem& files, std::filesystem::path path, std::string id,
                 bool append_only);
  static StoreDirectory create(os::FileSystem& files, const std::filesystem::path& path,
                               const std::string& id, bool append_only);

  os::FileSystem* files_;
  std::filesystem::path path_;
  std::string id_;
  bool append_only_ = false;
  std::vector<crypto::Ed25519Public> signers_;
};

}  // namespace trackier::store
