#pragma once
/// A stripe is 4 MiB of a file of pages: large enough that its changed pages compress well
/// together, small enough that many are worked on side by side, and closed in itself: nothing of a
/// stripe refers to another one.
///
/// Its content is said by groups of pages, each in a blob: `full` groups have pages as they are,
/// `delta` groups as they differ from the newest full version that is older. Of a page that is in
/// several groups the newest counts. No delta refers to a delta. trackier-store(5), STRIPES.

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "codec/prefix_codec.hpp"
#include "core/bytes.hpp"
#include "crypto/aes_gcm.hpp"
#include "store/format.hpp"

namespace trackier::backup {

inline constexpr std::size_t stripe_bytes = std::size_t{4} << 20U;
inline constexpr std::size_t group_bytes = std::size_t{256} << 10U;  ///< most of one group
inline constexpr std::uint32_t least_page_bytes = 512;
inline constexpr std::uint32_t most_page_bytes = 65536;

/// Whether pages can have this size: a power of two within the bounds.
bool is_page_size(std::uint64_t bytes);

/// Tells versions of a page apart: GMAC (NIST SP 800-38D) of it under a key of the chain, with a
/// constant nonce. A universal hash, safe as long as nobody sees tags: they are kept sealed.
using Tag = std::array<std::byte, 16>;

class Tagger {
 public:
  explicit Tagger(const crypto::Secret& key) : cipher_(key.bytes()) {}
  Tag tag(Bytes page);

 private:
  crypto::AesGcm cipher_;
};

struct Group {
  store::BlobPlace place;
  bool delta = false;
  std::vector<std::uint32_t> pages;  ///< within the stripe, ascending
};

struct StripeState {
  std::vector<Group> groups;  ///< by ascending generation
  std::vector<Tag> tags;      ///< of every page
};

/// Takes away the groups that nothing needs any more: no page of theirs is current, and none is
/// what a delta that is needed refers to. pages: of the stripe now.
void drop_unneeded(std::vector<Group>& groups, std::size_t pages);

/// Adds to `changed` the pages of deltas of which no more than a quarter would stay current: with
/// these pages in a new group nothing needs the old delta, and however long a chain is, the deltas
/// of a stripe have fewer than four times its pages. changed: ascending, and is so afterwards.
/// pages: of the stripe now.
void add_left_over(std::vector<std::uint32_t>& changed, const std::vector<Group>& groups,
                   std::size_t pages);

/// What a worker needs to read groups; not thread-safe.
class GroupReader {
 public:
  using ReadBlob = std::function<std::vector<std::byte>(store::BlobPlace, store::BlobKind&)>;

  /// read: fetches a blob. page_bytes: of the file.
  GroupReader(ReadBlob read, std::uint32_t page_bytes)
      : read_(std::move(read)), page_bytes_(page_bytes) {}

  /// The groups at these places with their page lists. Throws Error{Code::data}.
  std::vector<Group> groups_at(const std::vector<store::BlobPlace>& places);

  /// The pages of the full groups that `pages` have in `groups`, one after another: for each the
  /// newest of a generation before `before`. Throws Error{Code::data} when one has none.
  void read_bases(const std::vector<Group>& groups, std::span<const std::uint32_t> pages,
                  std::uint32_t before, std::vector<std::byte>& into) {
    read_bases(groups, pages, before, into, {});
  }

  /// The whole content of a stripe. into: its pages. Throws Error{Code::data} when a page is in no
  /// group.
  void read_stripe(const std::vector<Group>& groups, MutBytes into);

  /// Forgets what was read of a stripe.
  void forget();

 private:
  /// A blob of this stripe.
  struct Known {
    store::BlobPlace place;
    std::vector<std::byte> blob;
    std::size_t frame = 0;  ///< where in the blob the frame begins
    bool delta = false;
    std::vector<std::uint32_t> pages;
    std::vector<std::byte> content;  ///< of a full group, once it is decoded
    bool is_decoded = false;
  };

  /// stripe: what is read of it so far, as `held_` tells; bases there are not decoded again.
  void read_bases(const std::vector<Group>& groups, std::span<const std::uint32_t> pages,
                  std::uint32_t before, std::vector<std::byte>& into, Bytes stripe);
  Known& known(store::BlobPlace place);
  /// The pages of a full group.
  const std::vector<std::byte>& content_of(Known& group);
  static Bytes frame_of(const Known& group) { return Bytes{group.blob}.subspan(group.frame); }

  ReadBlob read_;
  std::uint32_t page_bytes_;
  codec::PrefixDecoder decoder_;
  std::deque<Known> known_;  ///< those of this stripe first; the rest keeps memory for the next
  std::size_t used_ = 0;
  std::vector<std::byte> bases_;
  std::vector<std::byte> pages_;
  std::vector<std::size_t> held_;  ///< for each page of the stripe being read, whose version it is
};

/// A group that was made and has no place yet.
struct NewGroup {
  bool delta = false;
  std::vector<std::uint32_t> pages;
  std::vector<std::byte> blob;
};

/// Makes groups of the pages of a stripe that have changed.
class GroupMaker {
 public:
  explicit GroupMaker(std::uint32_t page_bytes) : page_bytes_(page_bytes) {}

  /// content: all pages of the stripe. changed: those that need a new version. reader: for their
  /// older versions.
  std::vector<NewGroup> make(Bytes content, std::span<const std::uint32_t> changed,
                             const std::vector<Group>& groups, std::uint32_t generation,
                             GroupReader& reader);

 private:
  void gather(Bytes content, std::span<const std::uint32_t> pages);
  NewGroup full_group(std::span<const std::uint32_t> pages);
  std::optional<NewGroup> delta_group(std::span<const std::uint32_t> pages);

  std::uint32_t page_bytes_;
  codec::PrefixEncoder encoder_;
  std::vector<std::byte> pages_;  ///< of the group that is being made
  std::vector<std::byte> bases_;
};

/// Blob of a stripe's state, for the host that makes the next backup.
std::vector<std::byte> encode_state(const StripeState& state);
StripeState decode_state(Bytes bytes);

}  // namespace trackier::backup
