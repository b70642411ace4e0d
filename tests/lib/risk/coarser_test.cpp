#include "risk/coarser.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "risk/values.hpp"

namespace trackier::risk {
namespace {

TEST_CASE("the shape of a value says what it can be cut to") {
  struct Row {
    std::string_view value;
    Shape shape;
    std::vector<std::string> cut;
  };
  const std::vector<Row> rows = {
      {"17/May/2015:10:05:03 +0000",
       Shape::time,
       {"17/May/2015:10:05", "17/May/2015:10", "17/May/2015"}},
      {"2025-10-26T05:06:28Z", Shape::time, {"2025-10-26T05:06", "2025-10-26T05", "2025-10-26"}},
      {"2025-10-26 05:06", Shape::time, {"2025-10-26 05:06", "2025-10-26 05", "2025-10-26"}},
      {"2025-10-26", Shape::other, {}},
      {"52.520008", Shape::decimal, {"52.5", "52"}},
      {"-0.12", Shape::decimal, {"-0.1", "-0"}},
      {"1.", Shape::other, {}},
      {"42", Shape::other, {}},
      {"http://www.example.org/a?b=c", Shape::url, {"www.example.org"}},
      {"https://example.org", Shape::url, {"example.org"}},
      {"/shop/cart?id=5", Shape::path, {"/shop"}},
      {"/", Shape::path, {"/"}},
      {"GET /shop/cart?id=5 HTTP/1.1", Shape::path, {"GET /shop"}},
      {"curl/7.88.1", Shape::agent, {"curl/7"}},
      {"Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
       Shape::agent,
       {"Firefox/125"}},
      {"Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/124.0.1 Safari/537.36 Edg/124.0.2",
       Shape::agent,
       {"Edg/124"}},
      {"Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1)", Shape::agent, {"MSIE 9"}},
      {"text/html", Shape::other, {}},
      {"[ip]", Shape::other, {}},
      {"10:30", Shape::other, {}},
      {"", Shape::other, {}},
  };
  std::string room;
  for (const Row& row : rows) {
    CAPTURE(row.value);
    REQUIRE(shape_of(row.value) == row.shape);
    for (std::size_t way = 0; way < row.cut.size(); ++way) {
      CAPTURE(way);
      REQUIRE_FALSE(ways_of(row.shape)[way].name.empty());
      CHECK(coarser(row.shape, way, row.value, room) == row.cut[way]);
    }
  }
}

TEST_CASE("addresses are cut by their bits, however they are written") {
  const auto cut = [](std::string_view value, std::size_t way) {
    REQUIRE(shape_of(value) == Shape::address);
    std::string room;
    return std::string{coarser(Shape::address, way, value, room)};
  };
  CHECK(cut("192.0.2.17", 0) == cut("192.0.2.99", 0));
  CHECK(cut("192.0.2.17", 0) != cut("192.0.3.17", 0));
  CHECK(cut("192.0.2.17", 1) == cut("192.0.3.17", 1));
  CHECK(cut("2001:db8:1:2::3", 0) == cut("2001:0DB8:1:ffff::", 0));
  CHECK(cut("2001:db8:1::1", 0) != cut("2001:db8:2::1", 0));
  CHECK(cut("2001:db8:1::1", 1) == cut("2001:db8:2::1", 1));
}

TEST_CASE("a value has the same hash whether it is remembered or not") {
  HashKey key{};
  key[3] = std::byte{7};
  ValueHasher warm{key};
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5'000; ++i) {
      const std::string value = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
      const HashedValue& known = warm.hashed(value);
      ValueHasher cold{key};
      const HashedValue fresh = cold.hashed(value);
      REQUIRE(known.whole == fresh.whole);
      REQUIRE(known.whole == ValueHash{key}(value));
      REQUIRE(known.coarser == fresh.coarser);
    }
  }
  const std::string longer(5'000, 'x');
  CHECK(warm.hashed(longer).whole == ValueHash{key}(longer));
  CHECK(warm.hashed(longer).whole != ValueHash{HashKey{}}(longer));
}

TEST_CASE("of several values of a field the order counts") {
  ValueHasher hasher{HashKey{}};
  HashedValue one = hasher.hashed("a");
  HashedValue other = hasher.hashed("b");
  one.append(hasher.hashed("b"));
  other.append(hasher.hashed("a"));
  CHECK(one.whole != other.whole);
  HashedValue mixed_shapes = hasher.hashed("192.0.2.1");
  mixed_shapes.append(hasher.hashed("b"));
  CHECK(mixed_shapes.shape == Shape::other);
}

}  // namespace
}  // namespace trackier::risk
