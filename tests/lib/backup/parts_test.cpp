// Page lists, maps, chunks, selection: what backups are written with.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "backup/chunks.hpp"
#include "backup/map.hpp"
#include "backup/page_list.hpp"
#include "backup/selection.hpp"
#include "core/hexadecimal.hpp"
#include "fixture.hpp"
#include "support/errors.hpp"

namespace trackier::backup {
namespace {

using store::BlobPlace;
using test::error_of;
using test::noise;

std::vector<std::uint32_t> back(const std::vector<std::byte>& bytes, std::uint32_t limit) {
  BinaryReader reader{bytes, "list"};
  auto pages = read_page_list(reader, limit);
  reader.end();
  return pages;
}

TEST_CASE("page lists come back; near ones take a byte, runs two") {
  CHECK(rc::check([] {
    const auto some = *rc::gen::container<std::set<std::uint32_t>>(rc::gen::inRange(0U, 8192U));
    const std::vector<std::uint32_t> pages{some.begin(), some.end()};
    std::vector<std::byte> bytes;
    BinaryWriter writer{bytes};
    write_page_list(pages, writer);
    RC_ASSERT(back(bytes, 8192) == pages);
    RC_ASSERT(bytes.size() <= 2 + 2 * pages.size());
  }));
  std::vector<std::uint32_t> all(1024);
  std::iota(all.begin(), all.end(), 0U);
  std::vector<std::byte> bytes;
  BinaryWriter writer{bytes};
  write_page_list(all, writer);
  CHECK(bytes.size() <= 5);
}

TEST_CASE("page lists of strangers name no page beyond the limit") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& garbage) {
    BinaryReader reader{std::as_bytes(std::span{garbage}), "list"};
    try {
      const auto pages = read_page_list(reader, 100);
      RC_ASSERT(std::ranges::is_sorted(pages));
      RC_ASSERT(std::ranges::adjacent_find(pages) == pages.end());
      RC_ASSERT((pages.empty() || pages.back() < 100));
    } catch (const Error& error) {
      RC_ASSERT(error.code() == Code::data);
    }
  }));
}

TEST_CASE("maps come back, and every cut of one is refused") {
  Map map{.details = R"({"x":1})", .members = {}};
  Member pages;
  pages.name = "base/5/16384";
  pages.kind = MemberKind::pages;
  pages.page_bytes = 8192;
  pages.size = stripe_bytes + 8192;
  pages.modified = -5;
  pages.stripes = {{BlobPlace{0, 3}, BlobPlace{2, 7}}, {BlobPlace{1, 0}}};
  Member stream;
  stream.name = "backup_label";
  stream.size = 10;
  stream.chunks = {{.place = {0, 1}, .first = 2, .count = 3}};
  Member link;
  link.name = "pg_wal";
  link.kind = MemberKind::symlink;
  link.target = "/elsewhere";
  map.members = {pages, stream, link};
  const auto blob = encode_map(map);
  const Map found = decode_map(blob);
  CHECK(encode_map(found) == blob);
  REQUIRE(found.members.size() == 3);
  CHECK(found.members[0].stripes == pages.stripes);
  CHECK(found.members[0].modified == -5);
  CHECK(found.members[2].target == "/elsewhere");
  for (std::size_t length = 0; length < blob.size(); ++length) {
    CHECK(error_of([&] { decode_map(Bytes{blob}.first(length)); }).code() == Code::data);
  }
}

TEST_CASE("names that lead elsewhere are none") {
  for (const char* good : {"a", "a/b", "base/5/1_fsm.1", "..a", "a b"}) {
    CHECK(is_member_name(good));
  }
  for (const char* bad : {"", "/a", "../a", "a/../b", "a//b", "a/", ".", "a/.", ".."}) {
    CHECK_FALSE(is_member_name(bad));
  }
  CHECK_FALSE(is_member_name(std::string_view{"a\0b", 3}));
  CHECK_FALSE(is_member_name(std::string(5000, 'x')));
  Map map;
  map.members.resize(1);
  map.members[0].name = "../escape";
  CHECK(error_of([&] { decode_map(encode_map(map)); }).code() == Code::data);
}

TEST_CASE("chunks cover a stream, keep their bounds, and fall into place after an insertion") {
  const auto key = crypto::Secret::copy_of(as_bytes(std::string(32, 'k')));
  const Chunker chunker{key.bytes()};
  const auto cuts = [&](const std::string& text) {
    std::set<std::string> chunks;
    for (Bytes rest = as_bytes(text); !rest.empty();) {
      const std::size_t size = chunker.cut(rest);
      CHECK(size <= most_chunk_bytes);
      CHECK((size >= least_chunk_bytes || size == rest.size()));
      chunks.insert(std::string{as_text(rest.first(size))});
      rest = rest.subspan(size);
    }
    return chunks;
  };
  std::string text = noise(3'000'000, 9);
  const auto before = cuts(text);
  CHECK(before.size() > 100);
  CHECK(before.size() < 400);
  text.insert(100'000, "a few bytes more");
  const auto after = cuts(text);
  std::vector<std::string> same;
  std::ranges::set_intersection(before, after, std::back_inserter(same));
  CHECK(same.size() + 4 >= before.size());
  // Another key, other chunks: their sizes say nothing of what is in them.
  const auto other = crypto::Secret::copy_of(as_bytes(std::string(32, 'o')));
  CHECK(Chunker{other.bytes()}.cut(as_bytes(text)) != chunker.cut(as_bytes(text)));
}

TEST_CASE("blobs of chunks come back") {
  codec::PrefixEncoder encoder;
  codec::PrefixDecoder decoder;
  const std::string first = noise(5000, 1);
  const std::string second(7000, 'x');
  const std::vector<Bytes> chunks{as_bytes(first), as_bytes(second)};
  const auto blob = encode_chunks(chunks, encoder);
  CHECK(blob.size() < 5200);
  const Chunks found = decode_chunks(blob, decoder);
  REQUIRE(found.ends.size() == 2);
  CHECK(as_text(found.chunk(0)) == first);
  CHECK(as_text(found.chunk(1)) == second);
  for (std::size_t length = 0; length < blob.size(); length += 37) {
    CHECK(error_of([&] { decode_chunks(Bytes{blob}.first(length), decoder); }).code() ==
          Code::data);
  }
}

store::SignedManifest taken(std::uint64_t sequence, Time when, const std::string& id,
                            bool damaged = false) {
  store::SignedManifest made;
  made.manifest.sequence = sequence;
  made.manifest.taken = when;
  made.manifest.id = id + std::string(32 - id.size(), '0');
  made.manifest.damaged = damaged;
  return made;
}

TEST_CASE("backups are found by time, id, number and state") {
  const Time ten = *parse_moment("2026-11-23T10:00Z");
  using std::chrono::hours;
  store::Listing listing;
  listing.manifests = {taken(1, ten, "aaaa"), taken(2, ten + hours{1}, "aabb"),
                       taken(3, ten + hours{2}, "cccc", true)};
  const auto found = [&](const std::string& when) {
    return select(listing, {"aaaa" + std::string(28, '0')}, when, "shop").manifest.sequence;
  };
  CHECK(found("latest") == 2);
  CHECK(found("verified") == 1);
  CHECK(found("2026-11-23T10:59:59Z") == 1);
  CHECK(found("2026-11-23T11:00Z") == 2);
  CHECK(found("2026-11-24") == 2);
  CHECK(found("cccc") == 3);
  CHECK(found("#3") == 3);
  const auto refused = [&](const std::string& when) {
    return error_of([&] { found(when); }).code();
  };
  CHECK(refused("2026-11-23") == Code::no_input);
  CHECK(refused("dddd") == Code::no_input);
  CHECK(refused("#4") == Code::no_input);
  CHECK(refused("aa") == Code::usage);
  CHECK(refused("yesterday") == Code::usage);
  CHECK(refused("2026-13-01") == Code::usage);
  listing.manifests.push_back(taken(4, ten, "aaaab"));
  CHECK(refused("aaaa") == Code::usage);
  CHECK(parse_named_backup("shop@latest").source == "shop");
  CHECK(parse_named_backup("shop").when == "latest");
}

}  // namespace
}  // namespace trackier::backup
