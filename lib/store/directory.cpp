#include "store/directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "trackier-store/1";
constexpr const char* store_file = StoreDirectory::marker;
constexpr unsigned private_directory = 0700;
constexpr std::size_t most_store_file = 4096;
constexpr std::size_t most_manifest = std::size_t{16} << 20U;
constexpr std::string_view temporary_suffix = ".tmp";

Time received(const os::FileStatus& status) {
  return Time{
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds{status.modified_ns})};
}

/// Who may be where the lock of a file is.
struct LockPlace {
  const char* file;
  bool shared;
};

LockPlace place_of(Lock kind) {
  switch (kind) {
    case Lock::write:
      return {.file = "write.lock", .shared = false};
    case Lock::read:
      return {.file = "read.lock", .shared = true};
    case Lock::remove:
      return {.file = "read.lock", .shared = false};
    case Lock::prove:
      return {.file = "prove.lock", .shared = false};
  }
  throw Error{Code::bug, "no such lock"};
}

}  // namespace

SourceDirectory::SourceDirectory(os::FileSystem& files, std::filesystem::path path,
                                 std::string store_id, std::vector<crypto::Ed25519Public> signers)
    : files_(files),
      path_(std::move(path)),
      store_id_(std::move(store_id)),
      signers_(std::move(signers)) {}

bool SourceDirectory::exists() const {
  return files_.status(path_).has_value();
}

void SourceDirectory::create() const {
  for (const auto& each : {packs(), manifests(), chains(), holds(), removals(), proofs()}) {
    files_.create_directories(each, private_directory);
  }
}

std::unique_ptr<os::File> SourceDirectory::lock(Lock kind) const {
  auto file = try_lock(kind);
  if (!file) {
    throw Error{Code::busy,
                fmt::format("source {}: another run {}", path_.filename().native(),
                            kind == Lock::read ? "removes packs" : "is at it"),
                "try again when it is done"};
  }
  return file;
}

std::unique_ptr<os::File> SourceDirectory::try_lock(Lock kind) const {
  const LockPlace place = place_of(kind);
  const auto path = path_ / place.file;
  if (place.shared && files_.status(path)) {
    auto file = files_.open(path);
    return file->try_lock_shared(0, 1) ? std::move(file) : nullptr;
  }
  std::unique_ptr<os::File> file;
  try {
    // Never removed: whoever waits for one that is would hold nothing.
    file = files_.create_exclusive(path, 0600);
  } catch (const Error&) {
    if (!place.shared) {
      throw;
    }
    // Where nobody can write, nobody removes: there is nothing to lock, and something to hold.
    return files_.open(path_.parent_path().parent_path() / store_file);
  }
  if (!file) {
    file = files_.open_for_update(path);
  }
  const bool locked = place.shared ? file->try_lock_shared(0, 1) : file->try_lock(0, 1);
  return locked ? std::move(file) : nullptr;
}

Listing SourceDirectory::list() const {
  Listing listing;
  if (!files_.status(manifests())) {
    return listing;
  }
  for (const auto& name : files_.list(manifests())) {
    if (name.native().ends_with(temporary_suffix)) {
      continue;
    }
    const auto path = manifests() / name;
    try {
      const auto file = files_.open(path);
      SignedManifest found = parse_manifest(
          os::read_whole(*file, most_manifest, printable(name.native())), printable(name.native()));
      found.received = received(file->status());
      if (found.manifest.store != store_id_ || found.manifest.source != path_.filename() ||
          file_name_of(found.manifest) != name) {
        throw Error{Code::data, printable(name.native()) + ": does not belong where it is"};
      }
      if (!signers_.empty() && std::ranges::find(signers_, found.signer) == signers_.end()) {
        throw Error{Code::data,
                    printable(name.native()) + ": signed by nobody whom backup.signers names"};
      }
      listing.manifests.push_back(std::move(found));
    } catch (const Error& error) {
      // Removed since by a prune: it is no longer there to be listed.
      if (error.code() == Code::no_input && !files_.entry(path)) {
        continue;
      }
      if (error.code() != Code::data && error.code() != Code::no_input) {
        throw;
      }
      listing.unreadable.push_back({.file = name.native(), .why = error.what()});
    }
  }
  std::ranges::stable_sort(listing.manifests, {},
                           [](const SignedManifest& each) { return each.manifest.sequence; });
  return listing;
}

std::string SourceDirectory::publish(const Manifest& manifest,
                                     const crypto::Secret& signing_key) const {
  files_.sync_directory(packs());
  files_.sync_directory(chains());
  os::ReplaceFile file{files_, manifests() / file_name_of(manifest)};
  const std::string text = sign_manifest(manifest, signing_key);
  file.write(as_bytes(text));
  file.finish();
  return hexadecimal(crypto::sha256(as_bytes(text)));
}

std::uint64_t SourceDirectory::sweep(const Listing& listing) const {
  std::set<std::string> names;
  for (const SignedManifest& each : listing.manifests) {
    for (const Generation& generation : each.manifest.generations) {
      for (const PackInfo& pack : generation.packs) {
        names.insert(pack.name);
      }
    }
  }
  std::uint64_t freed = 0;
  for (const auto& name : files_.list(packs())) {
    const bool is_temporary = name.native().ends_with(temporary_suffix);
    if (is_temporary || (listing.unreadable.empty() && !names.contains(name.native()))) {
      const auto status = files_.entry(packs() / name);
      files_.remove(packs() / name);
      freed += status ? status->size : 0;
    }
  }
  for (const auto& directory : {manifests(), chains(), holds(), removals(), proofs()}) {
    if (!files_.status(directory)) {
      continue;
    }
    for (const auto& name : files_.list(directory)) {
      if (name.native().ends_with(temporary_suffix)) {
        files_.remove(directory / name);
      }
    }
  }
  return freed;
}

void SourceDirectory::sweep_chains(const Listing& listing, Time before) const {
  if (!listing.unreadable.empty()) {
    return;
  }
  std::set<std::filesystem::path> needed;
  for (const SignedManifest& each : listing.manifests) {
    needed.insert(chain_envelope(each.manifest.chain));
  }
  for (const auto& name : files_.list(chains())) {
    const auto path = chains() / name;
    const auto status = files_.entry(path);
    if (!needed.contains(path) && status && received(*status) < before) {
      files_.remove(path);
    }
  }
}

StoreDirectory::StoreDirectory(os::FileSystem& files, std::filesystem::path path, std::string id,
                               bool append_only)
    : files_(&files), path_(std::move(path)), id_(std::move(id)), append_only_(append_only) {}

StoreDirectory StoreDirectory::open(os::FileSystem& files, const std::filesystem::path& path) {
  const auto file = path / store_file;
  const std::string shown = printable(path.native());
  if (!files.status(file)) {
    throw Error{Code::no_input, fmt::format("{}: there is no store", shown),
                files.status(path) ? "" : "is its disk mounted?"};
  }
  const Json json = Json::parse(os::read_whole(files, file, most_store_file), nullptr, false);
  if (!json.is_object() || json.value("format", "") != format_name ||
      !is_hexadecimal(json.value("id", ""), Id{}.size())) {
    throw Error{Code::data,
                fmt::format("{}/{}: not a store, or of a later version", shown, store_file)};
  }
  const auto mode = json.find("append_only");
  return {files, path, json["id"].get<std::string>(),
          mode != json.end() && mode->is_boolean() && mode->get<bool>()};
}

StoreDirectory StoreDirectory::open_or_create(os::FileSystem& files,
                                              const std::filesystem::path& path) {
  return files.status(path / store_file) ? open(files, path)
                                         : create(files, path, hexadecimal(random_id()), false);
}

StoreDirectory StoreDirectory::copy_at(const std::filesystem::path& path, bool append_only) const {
  StoreDirectory copy = files_->status(path / store_file) ? open(*files_, path)
                                                          : create(*files_, path, id_, append_only);
  const auto here = files_->status(path_);
  const auto there = files_->status(path);
  if (here && there && here->same_file(*there)) {
    throw Error{Code::usage, fmt::format("{} is the store itself", printable(path.native())),
                "name another directory, best on another disk"};
  }
  if (copy.id() != id_) {
    throw Error{Code::cannot_create, fmt::format("{} is another store", printable(path.native())),
                "a copy begins in an empty directory"};
  }
  return copy;
}

StoreDirectory StoreDirectory::create(os::FileSystem& files, const std::filesystem::path& path,
                                      const std::string& id, bool append_only) {
  files.create_directories(path, private_directory);
  const auto names = files.list(path);
  const bool empty = std::ranges::all_of(names, [](const auto& name) {
    return name.native() == "lost+found" || name.native() == "sources" ||
           name.native().ends_with(temporary_suffix);
  });
  if (!empty) {
    if (files.status(path / store_file)) {
      return open(files, path);  // another run was faster
    }
    throw Error{Code::cannot_create,
                fmt::format("{} is neither a store nor empty", printable(path.native())),
                "name an empty directory, or one that does not exist"};
  }
  files.create_directories(path / "sources", private_directory);
  const Json json{{"format", format_name}, {"id", id}, {"append_only", append_only}};
  try {
    os::ReplaceFile file{files, path / store_file};
    file.write(as_bytes(json.dump() + "\n"));
    file.finish();
  } catch (const Error&) {
    if (!files.status(path / store_file)) {
      throw;
    }
  }
  return open(files, path);
}

SourceDirectory StoreDirectory::source(const std::string& name) const {
  if (!is_source_name(name)) {
    throw Error{Code::usage, fmt::format("{} is not the name of a source", printable(name))};
  }
  return {*files_, path_ / "sources" / name, id_, signers_};
}

std::vector<std::string> StoreDirectory::sources() const {
  std::vector<std::string> names;
  if (files_->status(path_ / "sources")) {
    for (const auto& name : files_->list(path_ / "sources")) {
      if (is_source_name(name.native())) {
        names.push_back(name.native());
      }
    }
  }
  return names;
}

}  // namespace trackier::store
