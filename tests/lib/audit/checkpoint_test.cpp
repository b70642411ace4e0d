#include "audit/checkpoint.hpp"

#include <doctest/doctest.h>

#include <string>

#include "audit/note.hpp"
#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "support/errors.hpp"
#include "vectors.hpp"

namespace trackier::audit {
namespace {

using test::error_of;

TEST_CASE("the checkpoint of the specification is read and written") {
  for (const std::string_view text : {sofa_checkpoint, public_checkpoint}) {
    const Note note = parse_note(text);
    CHECK(to_text(parse_checkpoint(note.text)) == note.text);
    CHECK(to_text(note) == text);
  }
  const Checkpoint sofa = parse_checkpoint(parse_note(sofa_checkpoint).text);
  CHECK(sofa.origin == "example.com/behind-the-sofa");
  CHECK(sofa.size == 20852163);
  CHECK(crypto::padded_base64(sofa.root) == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
  CHECK(sofa.extensions.empty());
}

TEST_CASE("extension lines are kept") {
  const std::string text =
      "Banana\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\none more\nand another\n";
  CHECK(parse_checkpoint(text).extensions == std::vector<std::string>{"one more", "and another"});
  CHECK(to_text(parse_checkpoint(text)) == text);
}

TEST_CASE("what is no checkpoint is refused") {
  const std::string root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  for (const std::string& text :
       {std::string{}, std::string{"a\n1\n"}, "\n1\n" + root + "\n", "a\n01\n" + root + "\n",
        "a\n-1\n" + root + "\n", "a\n 1\n" + root + "\n", "a\n\n" + root + "\n",
        "a\n18446744073709551616\n" + root + "\n", "a\n1\n" + root, std::string{"a\n1\nAAAA\n"},
        "a\n1\n" + root + "\n\n", "a\n1\n" + root.substr(0, 43) + "\n",
        std::string{"a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n"}}) {
    CAPTURE(text);
    CHECK(error_of([&] { parse_checkpoint(text); }).code() == Code::data);
  }
  CHECK(error_of([] { to_text(Checkpoint{.origin = "a\nb"}); }).code() == Code::bug);
}

}  // namespace
}  // namespace trackier::audit
