// What stores, hosts and servers give to read. A parser refuses with Code::data, or what it
// accepted is written again as the same bytes.
#include <algorithm>
#include <string>
#include <vector>

#include "backup/chunks.hpp"
#include "backup/details.hpp"
#include "backup/map.hpp"
#include "backup/page_list.hpp"
#include "backup/stripe.hpp"
#include "codec/prefix_codec.hpp"
#include "content/content.hpp"
#include "core/binary.hpp"
#include "core/error.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"
#include "postgres/ustar.hpp"
#include "postgres/wal_activity.hpp"
#include "proof/proof.hpp"
#include "proof/report.hpp"
#include "sqlite/wal.hpp"
#include "store/manifest.hpp"
#include "store/signed_line.hpp"
#include "streams.hpp"
#include "targets.hpp"

namespace trackier::fuzz {
namespace {

/// Runs a parser that may refuse.
template <typename Parse>
void reading(const Parse& parse) {
  try {
    parse();
  } catch (const Error& error) {
    require(error.code() == Code::data, "what cannot be read is bad data");
    require(std::string_view{error.what()}.size() < 2000, "an error is short");
  }
}

const crypto::Secret& signing_key() {
  static const crypto::Secret key = crypto::Secret::copy_of(as_bytes(std::string(32, 'k')));
  return key;
}

/// Bytes as a file that can be read at any place, and nothing else.
class BytesFile final : public os::File {
 public:
  explicit BytesFile(Bytes bytes) : bytes_(bytes) {}
  std::size_t read(MutBytes /*into*/) override { return 0; }
  void write(Bytes /*bytes*/) override {}
  std::size_t read_at(std::uint64_t offset, MutBytes into) override {
    const std::size_t begin = std::min<std::uint64_t>(offset, bytes_.size());
    const std::size_t count = std::min(into.size(), bytes_.size() - begin);
    std::ranges::copy(bytes_.subspan(begin, count), into.begin());
    return count;
  }
  void write_at(std::uint64_t /*offset*/, Bytes /*bytes*/) override {}
  void sync() override {}
  void sync_file_system() override {}
  bool try_lock(std::uint64_t /*offset*/, std::uint64_t /*bytes*/) override { return true; }
  bool try_lock_shared(std::uint64_t /*offset*/, std::uint64_t /*bytes*/) override { return true; }
  std::optional<bool> has_writer() override { return std::nullopt; }
  [[nodiscard]] os::FileStatus status() const override { return {.size = bytes_.size()}; }
  void reserve(std::uint64_t /*bytes*/) override {}
  void truncate(std::uint64_t /*size*/) override {}
  void set_mode(unsigned /*mode*/) override {}
  bool set_owner(std::uint32_t /*user*/, std::uint32_t /*group*/) override { return true; }
  void set_modified(std::int64_t /*nanoseconds*/) override {}

 private:
  Bytes bytes_;
};

}  // namespace

void write_ahead_log(std::string_view input) {
  // The index of 136 bytes, and the log behind it; a page has 512.
  constexpr std::size_t index_bytes = 136;
  constexpr std::uint32_t page_bytes = 512;
  constexpr std::uint32_t most_frames = 1000;
  const Bytes all = as_bytes(input);
  BytesFile index{all.first(std::min(all.size(), index_bytes))};
  BytesFile log{all.subspan(std::min(all.size(), index_bytes))};
  auto header = sqlite::read_wal_index_header(index);
  if (!header) {
    return;
  }
  header->most_frame = std::min(header->most_frame, most_frames);
  reading([&] {
    const sqlite::WalPages pages{log, *header, page_bytes};
    require(pages.count() <= header->most_frame, "a page has a frame");
    std::vector<std::byte> some(std::size_t{page_bytes} * 8);
    pages.overlay(log, 1, some);
  });
  reading([&] {
    postgres::WalScan scan{24, {.page_bytes = 8192, .segment_bytes = 16 * 8192}};
    scan.add(all);
    require(scan.position() >= 24, "a scan goes forward");
  });
}

void store_manifest(std::string_view input) {
  reading([&] { store::parse_manifest(input, "manifest"); });
  // And one that is signed, so that what is in it is read.
  std::string line{input};
  std::ranges::replace(line, '\n', ' ');
  const std::string text =
      store::sign_line(line + "\n", "trackier-backup/1 manifest", signing_key());
  reading([&] {
    const auto found = store::parse_manifest(text, "manifest");
    const std::string again = store::sign_manifest(found.manifest, signing_key());
    require_equal(store::sign_manifest(store::parse_manifest(again, "it").manifest, signing_key()),
                  again, "a manifest is written as it was read");
  });
}

void proof_record(std::string_view input) {
  reading([&] { proof::parse_proof(input, "proof"); });
  std::string line{input};
  std::ranges::replace(line, '\n', ' ');
  if (line.ends_with(' ')) {  // a file of the corpus ends with a line feed
    line.pop_back();
  }
  const std::string text = store::sign_line(line + "\n", "trackier-proof/1", signing_key());
  reading([&] {
    const auto found = proof::parse_proof(text, "proof");
    const std::string again = proof::sign_proof(found.proof, signing_key());
    require_equal(proof::sign_proof(proof::parse_proof(again, "it").proof, signing_key()), again,
                  "a proof is written as it was read");
    require(proof::file_name_of(found.proof).find('/') == std::string::npos, "names stay within");
    const std::string report = proof::report(found) + proof::summary_line(found);
    require(std::ranges::none_of(
                report, [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == 0x7F; }),
            "a report is printable");
  });
}

void content_digests(std::string_view input) {
  reading([&] {
    const content::Content content = content::decode(input);
    require_equal(content::encode(content), input, "digests are written as they were read");
    const auto same = content::compare(content, content);
    require(same.differences.empty() && same.compared == content.objects.size(),
            "all is compared, and nothing differs from itself");
    const auto gone = content::compare(content, {}).differences;
    require(gone.size() == content.objects.size(), "what is missing is a difference each");
    for (const auto& each : gone) {
      require(std::ranges::none_of(each.object + each.expected,
                                   [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }),
              "differences are printable");
    }
    require(backup::content_in(backup::with_content("{}", content)) == content,
            "the details of a backup keep digests as they are");
  });
  reading([&] { backup::content_in(std::string{input}); });
  reading([&] { backup::content_in("{\"content\":" + std::string{input} + "}"); });
}

void page_map(std::string_view input) {
  reading([&] { backup::decode_map(as_bytes(input)); });
  std::vector<std::byte> blob;
  BinaryWriter{blob}.number(input.size());
  codec::PrefixEncoder{}.encode(as_bytes(input), 1, blob);
  reading([&] {
    const backup::Map map = backup::decode_map(blob);
    const auto again = backup::encode_map(map);
    require(backup::encode_map(backup::decode_map(again)) == again,
            "a map is written as it was read");
    for (const auto& member : map.members) {
      require(backup::is_member_name(member.name), "names stay within");
    }
  });
}

void page_group(std::string_view input) {
  reading([&] {
    BinaryReader reader{as_bytes(input), "list"};
    const auto pages = backup::read_page_list(reader, 1024);
    require(std::ranges::adjacent_find(pages, std::ranges::greater_equal{}) == pages.end(),
            "pages ascend");
    std::vector<std::byte> bytes;
    BinaryWriter writer{bytes};
    backup::write_page_list(pages, writer);
    BinaryReader again{bytes, "list"};
    require(backup::read_page_list(again, 1024) == pages, "a list is written as it was read");
  });
  reading([&] { backup::decode_state(as_bytes(input)); });
  // As the blob of a full group, of pages that are read.
  backup::GroupReader groups{
      [&](store::BlobPlace, store::BlobKind& kind) {
        kind = store::BlobKind::full;
        return std::vector<std::byte>{as_bytes(input).begin(), as_bytes(input).end()};
      },
      4096};
  reading([&] {
    std::vector<std::byte> stripe(8192);
    groups.read_stripe(groups.groups_at({{.generation = 0, .number = 0}}), stripe);
  });
}

void chunk_blob(std::string_view input) {
  codec::PrefixDecoder decoder;
  reading([&] { backup::decode_chunks(as_bytes(input), decoder); });
}

void base_tar(std::string_view input) {
  TextSource source{input, 700};
  postgres::UstarReader reader{source};
  reading([&] {
    std::vector<std::byte> buffer(1000);
    while (const auto entry = reader.next()) {
      require(!entry->path.empty() && entry->path.front() != '/', "paths stay within");
      std::uint64_t size = 0;
      while (const std::size_t got = reader.read(buffer)) {
        size += got;
      }
      require(entry->kind != postgres::TarEntry::Kind::file || size == entry->size,
              "a file is as long as it says");
    }
  });
}

}  // namespace trackier::fuzz
