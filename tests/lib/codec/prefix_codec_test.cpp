#include "codec/prefix_codec.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <zstd.h>

#include <random>
#include <string>

#include "support/errors.hpp"

namespace trackier::codec {
namespace {

using test::error_of;

std::vector<std::byte> random_bytes(std::size_t size, unsigned seed) {
  std::minstd_rand random{seed};
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(random() >> 7U);
  }
  return bytes;
}

TEST_CASE("what is compressed against a prefix comes back with it") {
  CHECK(rc::check([](const std::string& plain, const std::string& prefix) {
    std::vector<std::byte> frame;
    PrefixEncoder{}.encode_version(as_bytes(plain), as_bytes(prefix), frame);
    std::vector<std::byte> back(plain.size());
    PrefixDecoder{}.decode(frame, as_bytes(prefix), back);
    RC_ASSERT(as_text(back) == plain);
  }));
}

TEST_CASE("a page that has changed a little takes little, however incompressible it is") {
  const auto before = random_bytes(262144, 1);
  auto after = before;
  for (std::size_t i = 100; i < after.size(); i += 4096) {
    after[i] ^= std::byte{1};
  }
  PrefixEncoder encoder;
  std::vector<std::byte> full;
  encoder.encode(after, 1, full);
  std::vector<std::byte> delta;
  encoder.encode_version(after, before, delta);
  CHECK(full.size() > 260000);
  CHECK(delta.size() < 1500);
  std::vector<std::byte> back(after.size());
  PrefixDecoder{}.decode(delta, before, back);
  CHECK(back == after);
}

TEST_CASE("the frame without a prefix is one that zstd opens") {
  const std::string plain(100000, 'x');
  std::vector<std::byte> frame;
  PrefixEncoder{}.encode(as_bytes(plain), 1, frame);
  std::string back(plain.size(), '\0');
  CHECK(ZSTD_decompress(back.data(), back.size(), frame.data(), frame.size()) == plain.size());
  CHECK(back == plain);
}

TEST_CASE("another length, another prefix, or a damaged frame is damaged data") {
  const auto prefix = random_bytes(5000, 2);
  auto plain = prefix;
  plain.resize(4000);
  std::vector<std::byte> frame;
  PrefixEncoder{}.encode_version(plain, prefix, frame);
  PrefixDecoder decoder;
  std::vector<std::byte> shorter(3999);
  std::vector<std::byte> longer(4001);
  CHECK(error_of([&] { decoder.decode(frame, prefix, shorter); }).code() == Code::data);
  CHECK(error_of([&] { decoder.decode(frame, prefix, longer); }).code() == Code::data);
  std::vector<std::byte> into(4000);
  CHECK(error_of([&] { decoder.decode({}, prefix, into); }).code() == Code::data);
  CHECK(error_of([&] { decoder.decode(Bytes{frame}.first(5), prefix, into); }).code() ==
        Code::data);
  decoder.decode(frame, prefix, into);
  CHECK(into == plain);  // a failure before does not stick
}

}  // namespace
}  // namespace trackier::codec
