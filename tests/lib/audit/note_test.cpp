#include "audit/note.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "crypto/base64.hpp"
#include "support/errors.hpp"
#include "vectors.hpp"

namespace trackier::audit {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

crypto::Secret peter_secret() {
  const std::string bytes = crypto::bytes_from_base64(peter_private).value();
  return crypto::Secret::copy_of(as_bytes(bytes).subspan(1));
}

const std::string peter_note =
    std::string{peter_text} + "\n" + std::string{peter_line} + std::string{enoch_line};

TEST_CASE("the note of the specification is signed by its key") {
  const NoteKey key = parse_note_key(example_key);
  CHECK(key.name == "example.com/foo");
  CHECK(hexadecimal(key.id()) == "530d903a");
  CHECK(to_text(key) == example_key);
  const Note note = parse_note(example_note);
  CHECK(note.text == "This is an example message.\n");
  const auto signers = signers_of(note, std::array{key});
  REQUIRE(signers.size() == 1);
  CHECK(signers[0].by == key);
  CHECK_FALSE(signers[0].at.has_value());
  CHECK(to_text(note) == example_note);
}

TEST_CASE("a note is signed as Go signs it") {
  Note note{.text = std::string{peter_text}};
  note.signatures.push_back(sign_note(peter_text, "PeterNeumann", peter_secret()));
  CHECK(to_text(note) == std::string{peter_text} + "\n" + std::string{peter_line});
}

TEST_CASE("a note may have several signatures, and only those we know count") {
  const std::array known{parse_note_key(peter_key), parse_note_key(enoch_key)};
  const Note note = parse_note(peter_note);
  CHECK(signers_of(note, known).size() == 2);
  CHECK(signers_of(note, std::array{known[1]}).size() == 1);
  CHECK(signers_of(note, std::array{parse_note_key(example_key)}).empty());
  Note twice = note;
  twice.signatures.push_back(note.signatures[0]);
  CHECK(signers_of(twice, known).size() == 2);
}

TEST_CASE("a wrong signature of a known key refuses the whole note") {
  const std::array known{parse_note_key(peter_key), parse_note_key(enoch_key)};
  Note note = parse_note(peter_note);
  note.signatures[0].signature[3] ^= 1;
  CHECK(message_of(error_of([&] { signers_of(note, known); })) ==
        "the signature of PeterNeumann is wrong");
  note = parse_note(peter_note);
  note.text[0] = 'i';
  CHECK(error_of([&] { signers_of(note, known); }).code() == Code::data);
  note = parse_note(peter_note);
  note.signatures[1].signature += 'x';
  CHECK(error_of([&] { signers_of(note, known); }).code() == Code::data);
}

TEST_CASE("cosignatures of the public network of witnesses are sound, with their time") {
  const Note note = parse_note(public_checkpoint);
  CHECK(note.signatures.size() == 6);
  CHECK(to_text(note) == public_checkpoint);
  std::vector<NoteKey> keys{parse_note_key(public_log)};
  for (const std::string_view each : public_witnesses) {
    keys.push_back(parse_note_key(each));
    CHECK(to_text(keys.back()) == each);
  }
  const auto signers = signers_of(note, keys);
  REQUIRE(signers.size() == 5);
  for (const Signed& each : signers) {
    CAPTURE(each.by.name);
    CHECK(each.at.has_value() == (each.by.kind == KeyKind::cosignature));
    if (each.at) {
      CHECK(to_rfc3339(*each.at) == public_time);
    }
  }
  Note later = note;
  ++later.signatures[4].signature[7];
  CHECK(contains(message_of(error_of([&] { signers_of(later, keys); })), "remora.n621.de"));
}

TEST_CASE("a cosignature is what a witness would have made") {
  const std::string text = "example.com/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  const Time at{std::chrono::seconds{1'679'315'147}};
  Note note{.text = text};
  note.signatures.push_back(cosign_note(text, "witness.example.com/w1", peter_secret(), at));
  const NoteKey key{.name = "witness.example.com/w1",
                    .kind = KeyKind::cosignature,
                    .key = parse_note_key(peter_key).key};
  const auto signers = signers_of(parse_note(to_text(note)), std::array{key});
  REQUIRE(signers.size() == 1);
  CHECK(signers[0].at == at);
  const std::string signature = note.signatures[0].signature;
  CHECK(signature.substr(0, 8) == std::string("\0\0\0\0\x64\x18\x50\xcb", 8));
  // The same key under the other kind has another id, so that neither passes for the other.
  const NoteKey plain{.name = key.name, .kind = KeyKind::ed25519, .key = key.key};
  CHECK(signers_of(note, std::array{plain}).empty());
}

TEST_CASE("keys that are none are refused") {
  for (const std::string_view text :
       {"", "example.com/foo", "example.com/foo+530d903a",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/ foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2", "a+00000000+",
        "rekor.sigstore.dev+12345678+AwEB", "bananas.sigstore.dev+12344556",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"}) {
    CAPTURE(text);
    CHECK(error_of([&] { parse_note_key(text); }).code() == Code::data);
  }
}

TEST_CASE("notes that are none are refused") {
  const std::string line{example_note.substr(example_note.find("\n\n") + 2)};
  for (const std::string& text :
       {std::string{}, std::string{"text\n"}, std::string{"text\n\n"}, "text\n" + line,
        "text\n\n" + line + "\n", "text\n\n" + line.substr(0, line.size() - 1),
        "text\n\n-" + line.substr(3), "text\r\n\n" + line, "te\xffxt\n\n" + line,
        "te\xed\xa0\x80xt\n\n" + line, "te\xc0\x80xt\n\n" + line,
        std::string{"text\n\n\u2014 name AAAA\n"}, std::string{"text\n\n\u2014 na+me AAAAAAA=\n"},
        std::string{"text\n\n\u2014  AAAAAAA=\n"},
        std::string{"text\n\n\u2014 na\u00a0me AAAAAAA=\n"},
        std::string{"text\n\n\u2014 name AAAAAAA\n"}, std::string{"text\n\n\u2014 name AAAAAAB=\n"},
        std::string{"text\n\n\u2014 name AAAAAAA= \n"}}) {
    CAPTURE(text);
    CHECK(error_of([&] { parse_note(text); }).code() == Code::data);
  }
  CHECK(parse_note("text\n\nmore\n\n\u2014 name AAAAAAA=\n").text == "text\n\nmore\n");
  std::string many = "text\n\n";
  for (int i = 0; i < 64; ++i) {
    many += "\u2014 name AAAAAAA=\n";
  }
  CHECK(parse_note(many).signatures.size() == 64);
  CHECK(error_of([&] { parse_note(many + "\u2014 name AAAAAAA=\n"); }).code() == Code::data);
  CHECK(error_of([&] { to_text(Note{.text = "no end"}); }).code() == Code::bug);
}

}  // namespace
}  // namespace trackier::audit
