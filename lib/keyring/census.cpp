#include "keyring/census.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "envelope/block.hpp"
#include "envelope/stanza.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"

namespace trackier::keyring {
namespace {

using envelope::Block;
using envelope::BlockFault;
using envelope::KeyId;
using envelope::ParsedBlock;
using os::FileStatus;
using Path = std::filesystem::path;

constexpr std::string_view magic = "trackier-envelope/";  // of any version
constexpr std::size_t shortest_beginning = 8;  // of the magic, to be taken for what is left of one
constexpr std::string_view keyring_magic = "trackier-keyring/";
constexpr std::uint64_t progress_every = 256;

bool has_envelope_name(const Path& path) {
  const std::string_view name = path.native();
  return name.ends_with(".tke") || name.ends_with(".tkh");
}

/// Ids of the keys that a block's stanzas are for; passphrases have none.
std::vector<KeyId> ids_of(const Block& block) {
  std::vector<KeyId> ids;
  for (const envelope::Stanza& stanza : block.stanzas) {
    KeyId id{};
    const bool names_a_key =
        stanza.type == "hpke" || stanza.type == "kek" || stanza.type == "officer";
    if (names_a_key && !stanza.arguments.empty() && envelope::parse_id(stanza.arguments[0], id)) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::string text_of(const ParsedBlock& block) {
  switch (block.fault) {
    case BlockFault::none:
      return "good";
    case BlockFault::not_ours:
      return "no block of an envelope";
    case BlockFault::checksum:
      return "damaged";
    case BlockFault::malformed:
      return block.why;
    case BlockFault::version:
      return "of a later version";
  }
  return "damaged";
}

class Walk {
 public:
  Walk(os::FileSystem& files, const CensusOptions& options, const CensusEvents& events,
       const std::stop_token& stop)
      : files_(files), options_(options), events_(events), stop_(stop) {}

  void root(const Path& path) {
    census_.roots.push_back(path);
    const std::uint64_t before = census_.envelopes;
    guarded(path, [&] {
      const auto status = files_.status(path);
      if (!status) {
        unreadable(path, "not there");
      } else if (status->kind == FileStatus::Kind::directory) {
        directories_.push_back(path);
        while (!directories_.empty()) {
          const Path next = std::move(directories_.back());
          directories_.pop_back();
          guarded(next, [&] { directory(next); });
        }
      } else if (status->kind == FileStatus::Kind::regular) {
        file(path, *status);
      } else {
        unreadable(path, "neither a file nor a directory");
      }
    });
    if (census_.envelopes == before) {
      census_.empty_roots.push_back(path);
    }
  }

  Census finish() {
    for (const Path& link : links_) {
      guarded(link, [&] {
        const auto target = files_.status(link);
        const bool may_hold = !target || target->kind == FileStatus::Kind::directory ||
                              target->kind == FileStatus::Kind::regular;
        if (may_hold && !(target && looked_at_.contains({target->device, target->inode}))) {
          census_.unfollowed.push_back(link);
        }
      });
    }
    events_.progressed(census_);
    return std::move(census_);
  }

 private:
  template <typename Action>
  void guarded(const Path& path, Action action) {
    try {
      action();
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      unreadable(path, error.what());
    }
  }

  void directory(const Path& path) {
    std::vector<Path> inside;
    if (const auto here = files_.status(path)) {
      looked_at_.emplace(here->device, here->inode);
    }
    for (const Path& name : files_.list(path)) {
      const Path child = path / name;
      guarded(child, [&] {
        const auto status = files_.entry(child);
        if (status && status->kind == FileStatus::Kind::directory) {
          inside.push_back(child);
        } else if (status && status->kind == FileStatus::Kind::regular) {
          file(child, *status);
        } else if (status && status->kind == FileStatus::Kind::symlink) {
          links_.push_back(child);
        }
      });
    }
    // The last one pushed is visited first.
    std::move(inside.rbegin(), inside.rend(), std::back_inserter(directories_));
  }

  void file(const Path& path, const FileStatus& expected) {
    if (stop_.stop_requested()) {
      throw os::Interrupted{Code::io, "interrupted"};  // half a census must not look like one
    }
    os::throw_if_interrupted();
    const bool is_temporary = !os::target_of_temporary(path.filename().native()).empty();
    if (!is_temporary && ++census_.files % progress_every == 0) {
      events_.progressed(census_);
    }
    std::unique_ptr<os::File> opened;
    try {
      opened = files_.open(path);
    } catch (const Error&) {
      if (!files_.entry(path)) {
        return;  // gone since its directory was listed
      }
      throw;
    }
    const FileStatus status = opened->status();
    if (!status.same_file(expected)) {
      unreadable(path, "exchanged while it was looked at");
      return;
    }
    looked_at_.emplace(status.device, status.inode);
    if (is_temporary && opened->has_writer() == false) {
      return;  // left by a run that was killed
    }
    const std::size_t count = opened->read_at(0, buffer_);
    look(path, status, Bytes{buffer_}.first(count), is_temporary);
  }

  /// is_temporary: of an envelope that is being written; it uses its keys, and is no file yet.
  void look(const Path& path, const FileStatus& status, Bytes head, bool is_temporary) {
    const std::string_view text = as_text(head);
    const bool is_one =
        text.starts_with(magic) || (text.size() > envelope::block_bytes &&
                                    text.substr(envelope::block_bytes).starts_with(magic));
    if (text.size() >= shortest_beginning && magic.starts_with(text)) {
      unreadable(path, "cut short");
      return;
    }
    if (!is_one) {
      if (has_envelope_name(path) && !text.starts_with(keyring_magic)) {
        unreadable(path, "named as an envelope, and does not begin as one");
      }
      return;
    }
    std::vector<ParsedBlock> blocks;
    std::string why;
    for (std::size_t at = 0; at + envelope::block_bytes <= head.size();
         at += envelope::block_bytes) {
      blocks.push_back(envelope::parse_block(head.subspan(at, envelope::block_bytes)));
      why += fmt::format("{}block {}: {}", at == 0 ? "" : ", ", at == 0 ? "A" : "B",
                         text_of(blocks.back()));
    }
    const auto is_good = [](const ParsedBlock& block) { return block.fault == BlockFault::none; };
    const auto good = std::ranges::count_if(blocks, is_good);
    if (good == 0) {
      unreadable(path, blocks.empty() ? "cut short" : why);
      return;
    }
    const bool settled =
        std::ranges::all_of(blocks, is_good) &&
        (head.size() == envelope::block_bytes ? status.size == envelope::block_bytes
                                              : std::ranges::equal(half(head, 0), half(head, 1)));
    if (good == 2 && !settled &&
        (blocks[0].block.id != blocks[1].block.id ||
         blocks[0].block.sequence == blocks[1].block.sequence)) {
      unreadable(path, "the blocks contradict each other");
      return;
    }
    const bool b_holds =
        !is_good(blocks[0]) || (good == 2 && blocks[1].block.sequence > blocks[0].block.sequence);
    const Block& current = blocks[b_holds ? 1 : 0].block;
    std::vector<KeyId> ids = ids_of(current);
    std::set<KeyId> counted{ids.begin(), ids.end()};
    if (!is_temporary) {
      count_envelope(status, settled);
    }
    for (const KeyId& id : counted) {
      use(id, path, status.size);
    }
    if (good == 2 && !settled) {
      for (const KeyId& id : ids_of(blocks[b_holds ? 0 : 1].block)) {
        if (counted.insert(id).second) {
          ids.push_back(id);
          use(id, path, status.size);
          ++census_.uses[id].stale;
        }
      }
    }
    if (!is_temporary) {
      events_.found(path, current.id, ids);
    }
  }

  static Bytes half(Bytes head, std::size_t which) {
    return head.subspan(which * envelope::block_bytes, envelope::block_bytes);
  }

  void count_envelope(const FileStatus& status, bool settled) {
    ++census_.envelopes;
    census_.bytes += status.size;
    census_.unsettled += settled ? 0 : 1;
    const bool first = census_.envelopes == 1;
    census_.oldest_ns =
        first ? status.modified_ns : std::min(census_.oldest_ns, status.modified_ns);
    census_.newest_ns =
        first ? status.modified_ns : std::max(census_.newest_ns, status.modified_ns);
  }

  void use(const KeyId& id, const Path& path, std::uint64_t bytes) {
    KeyUse& found = census_.uses[id];
    ++found.files;
    found.bytes += bytes;
    if (found.paths.size() < options_.most_paths) {
      found.paths.push_back(path);
    }
  }

  void unreadable(const Path& path, const std::string& why) {
    ++census_.unreadable_count;
    if (census_.unreadable.size() < options_.most_unreadable) {
      census_.unreadable.push_back({path, why});
    }
  }

  os::FileSystem& files_;
  const CensusOptions& options_;
  const CensusEvents& events_;
  const std::stop_token& stop_;
  std::array<std::byte, envelope::head_bytes> buffer_{};
  std::vector<Path> directories_;
  std::vector<Path> links_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> looked_at_;  ///< devices and inodes
  Census census_;
};

}  // namespace

std::uint64_t Census::files_of(const KeyId& id) const {
  const auto found = uses.find(id);
  return found == uses.end() ? 0 : found->second.files;
}

Census take_census(os::FileSystem& files, const std::vector<Path>& roots,
                   const CensusOptions& options, const CensusEvents& events,
                   const std::stop_token& stop) {
  if (roots.empty()) {
    throw Error{Code::usage, "a census of no paths", "name some, or keyring.roots in the settings"};
  }
  Walk walk{files, options, events, stop};
  for (const Path& root : roots) {
    walk.root(root);
  }
  return walk.finish();
}

crypto::Sha256Digest root_hash(std::vector<envelope::FileId> ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  crypto::Sha256 hash;
  for (const envelope::FileId& id : ids) {
    hash.add(id);
  }
  return hash.finish();
}

}  // namespace trackier::keyring
