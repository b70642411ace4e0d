#include "content/multiset_digest.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace trackier::content {
namespace {

using Rows = std::vector<std::string>;

crypto::MacKey key_of(unsigned char first) {
  std::string key;
  for (unsigned i = 0; i < 32; ++i) {
    key += static_cast<char>(first + i);
  }
  return crypto::MacKey{as_bytes(key)};
}

std::string digest_of(const Rows& rows, std::string_view name = "t", unsigned char key = 0) {
  MultisetDigest digest{key_of(key)};
  for (const std::string& row : rows) {
    digest.add(as_bytes(row));
  }
  CHECK(digest.rows() == rows.size());
  return digest.finish(name);
}

Rows some_rows() {
  return *rc::gen::container<Rows>(rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
}

TEST_CASE("digests are those of Python's hmac, hashlib and long integers") {
  // s = sum(int.from_bytes(hmac.digest(key, row, "sha256"), "big") for row in rows) % 2**256
  // hmac.digest(key, b"content" + struct.pack("<Q", len(name)) + name + struct.pack("<Q",
  // len(rows))
  //             + s.to_bytes(32, "big"), "sha256").hex(), key = bytes(range(32))
  CHECK(digest_of({"", "a", "a", std::string(200, '\xff')}, "clicks") ==
        "e2a6b1e9c631ce42e84cd0d53289983877a4f10c077d5b5b372cf74f1fd54152");
  CHECK(digest_of({}, "") == "c2043325a0966b985c30c49712c58a8d6a51eb1ad5fc8f66592e59a82f963e70");
}

TEST_CASE("the order of rows means nothing") {
  CHECK(rc::check([] {
    Rows rows = some_rows();
    const std::string digest = digest_of(rows);
    std::shuffle(rows.begin(), rows.end(), std::minstd_rand{*rc::gen::arbitrary<std::uint32_t>()});
    RC_ASSERT(digest_of(rows) == digest);
  }));
}

TEST_CASE("rows that are not the same multiset have another digest") {
  CHECK(rc::check([] {
    Rows left = some_rows();
    Rows right = some_rows();
    const bool agree = digest_of(left) == digest_of(right);
    std::ranges::sort(left);
    std::ranges::sort(right);
    RC_ASSERT(agree == (left == right));
  }));
  CHECK(rc::check([] {
    Rows rows = some_rows();
    RC_PRE(!rows.empty());
    const std::string digest = digest_of(rows);
    std::string& row = rows[*rc::gen::inRange<std::size_t>(0, rows.size())];
    if (row.empty()) {
      row = "x";
    } else {
      row[*rc::gen::inRange<std::size_t>(0, row.size())] ^= 1;
    }
    RC_ASSERT(digest_of(rows) != digest);
  }));
}

TEST_CASE(
    "a row that is there twice is not one that is not there, as an exclusive or would have it") {
  CHECK(digest_of({"a", "a"}) != digest_of({}));
  CHECK(digest_of({"a", "a"}) != digest_of({"b", "b"}));
  CHECK(digest_of({"a", "a", "b"}) != digest_of({"a", "b", "b"}));
  CHECK(digest_of({""}) != digest_of({}));
}

TEST_CASE("the name and the key are part of a digest") {
  CHECK(digest_of({"a"}, "t") != digest_of({"a"}, "u"));
  CHECK(digest_of({}, "t") != digest_of({}, ""));
  CHECK(digest_of({"a"}, "t", 0) != digest_of({"a"}, "t", 1));
}

TEST_CASE("sums that carry through all of their words are right") {
  // The sum of n equal rows is n times one: it overflows 2^256 for any row, and words all the time.
  MultisetDigest doubled{key_of(0)};
  MultisetDigest rows{key_of(0)};
  for (int i = 0; i < 100000; ++i) {
    rows.add(as_bytes(i % 2 == 0 ? "a" : "b"));
  }
  for (const char* row : {"a", "b"}) {
    for (int i = 0; i < 50000; ++i) {
      doubled.add(as_bytes(row));
    }
  }
  CHECK(rows.finish("t") == doubled.finish("t"));
  // As above, of 50000 rows of each.
  CHECK(rows.finish("t") == "d6931d8ab4b9162ad47039fed98abdbdba1db258c0fd32845441e0beba1d719c");
}

}  // namespace
}  // namespace trackier::content
