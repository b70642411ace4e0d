#pragma once
/// Envelopes made in memory, and what comes of opening them.

#include <functional>
#include <string>

#include "envelope/open.hpp"
#include "envelope/seal.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::envelope {

/// Byte i is (i*167+13) mod 256.
inline std::string plaintext(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>((i * 167 + 13) & 0xffU);
  }
  return text;
}

inline Origin copy_of(const Origin& origin) {
  return {.id = origin.id,
          .data_key = crypto::Secret::copy_of(origin.data_key.bytes()),
          .salt = origin.salt};
}

inline std::string sealed(const std::string& plain, const Recipients& recipients,
                          const Origin& origin = Origin::random(),
                          const SealOptions& options = {}) {
  test::MemorySource source{plain, 10'000};
  test::MemorySink sink;
  seal_stream(source, sink, recipients, origin, options, {}, {});
  return sink.content();
}

/// What was given out, and why no more.
struct Outcome {
  std::string plain;
  bool finished = false;
  std::string error;
  Code code = Code::ok;
};

inline Outcome opened_as_stream(const std::string& envelope, const Identities& identities,
                                std::size_t piece = 10'000, unsigned workers = 1) {
  test::MemorySource source{envelope, piece};
  test::MemorySink sink;
  Outcome outcome;
  try {
    const auto opening = Opening::of_stream(source, identities, "e.tke");
    open_stream(source, opening, sink, {.name = "e.tke", .workers = workers}, {}, {});
  } catch (const Error& error) {
    outcome.error = error.what();
    outcome.code = error.code();
  }
  outcome.plain = sink.content();
  outcome.finished = sink.finished();
  return outcome;
}

/// As opened_as_stream, by way of files; `plain` is what is in the output when it is done.
inline Outcome opened_as_file(const std::string& envelope, const Identities& identities,
                              unsigned workers = 2) {
  const test::TemporaryDirectory directory;
  const auto input = os::posix().open(directory.write("e", envelope));
  const auto output = os::posix().create_exclusive(directory / "p", 0600);
  Outcome outcome;
  try {
    const auto opening = Opening::of_file(*input, identities, "e.tke");
    open_file(*input, opening, *output, {.name = "e.tke", .workers = workers}, {}, {});
    outcome.finished = true;
  } catch (const Error& error) {
    outcome.error = error.what();
    outcome.code = error.code();
  }
  outcome.plain = test::content_of(directory / "p");
  return outcome;
}

}  // namespace trackier::envelope
