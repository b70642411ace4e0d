#include "backup/store_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "backup/chain.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"

namespace trackier::backup {
namespace {

using std::filesystem::path;
using store::SignedManifest;

constexpr std::size_t piece_bytes = std::size_t{1} << 20U;

class Copying {
 public:
  Copying(os::FileSystem& files, const store::SourceDirectory& from,
          const store::SourceDirectory& to, const CopyEvents& events, const std::stop_token& stop)
      : files_(files), from_(from), to_(to), events_(events), stop_(stop) {}

  CopyResult run() {
    to_.create();
    copy_all(from_.holds(), to_.holds());
    if (files_.status(from_.removals())) {
      copy_all(from_.removals(), to_.removals());
    }
    const auto listing = from_.list();
    for (const auto& each : listing.unreadable) {
      events_.warn(fmt::format("a manifest cannot be read, and is not copied: {}", each.why));
      ++result_.broken;
    }
    for (const SignedManifest& each : listing.manifests) {
      os::throw_if_stopped(stop_);
      copy_backup(each.manifest);
    }
    return result_;
  }

 private:
  void copy_backup(const store::Manifest& manifest) {
    const path name = file_name_of(manifest);
    if (files_.entry(to_.manifests() / name)) {
      return;
    }
    try {
      for (const auto& generation : manifest.generations) {
        for (const auto& pack : generation.packs) {
          copy_pack(pack);
        }
      }
      const path key = from_.chain_envelope(manifest.chain);
      if (const auto fault = chain_envelope_fault(files_, from_, manifest.chain); !fault.empty()) {
        throw Error{Code::data, fmt::format("the key of its chain is {}", fault)};
      }
      if (!files_.entry(to_.chain_envelope(manifest.chain))) {
        copy_file(key, to_.chain_envelope(manifest.chain));
      }
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      if (error.code() != Code::data && error.code() != Code::no_input) {
        throw;
      }
      events_.warn(
          fmt::format("backup {} is not copied: {}", manifest.id.substr(0, 8), error.what()));
      ++result_.broken;
      return;
    }
    files_.sync_directory(to_.packs());
    files_.sync_directory(to_.chains());
    copy_file(from_.manifests() / name, to_.manifests() / name);
    ++result_.backups;
  }

  void copy_pack(const store::PackInfo& pack) {
    const path target = to_.packs() / pack.name;
    if (const auto there = files_.entry(target); there && there->size == pack.bytes) {
      return;
    }
    files_.remove(target);
    const std::string digest = copy_file(from_.packs() / pack.name, target, pack.name);
    if (digest != pack.name) {
      throw Error{Code::data, fmt::format("pack {} is damaged", pack.name)};
    }
  }

  void copy_all(const path& from, const path& to) {
    for (const auto& name : files_.list(from)) {
      if (!name.native().ends_with(".tmp") && !files_.entry(to / name)) {
        copy_file(from / name, to / name);
      }
    }
  }

  /// Returns the SHA-256 of what was copied; when `expected` is another one, nothing appears.
  std::string copy_file(const path& from, const path& to, const std::string& expected = {}) {
    const auto input = files_.open(from);
    os::ReplaceFile output{files_, to};
    crypto::Sha256 digest;
    buffer_.resize(piece_bytes);
    while (const std::size_t got = input->read(buffer_)) {
      os::throw_if_stopped(stop_);
      const Bytes piece = Bytes{buffer_}.first(got);
      digest.add(piece);
      output.write(piece);
      result_.bytes += got;
      events_.progressed(result_.bytes);
    }
    std::string found = hexadecimal(digest.finish());
    if (expected.empty() || found == expected) {
      output.finish();
    }
    return found;
  }

  os::FileSystem& files_;
  const store::SourceDirectory& from_;
  const store::SourceDirectory& to_;
  const CopyEvents& events_;
  const std::stop_token& stop_;
  CopyResult result_;
  std::vector<std::byte> buffer_;
};

}  // namespace

CopyResult copy_source(os::FileSystem& files, const store::SourceDirectory& from,
                       const store::SourceDirectory& to, const CopyEvents& events,
                       const std::stop_token& stop) {
  return Copying{files, from, to, events, stop}.run();
}

}  // namespace trackier::backup
