#pragma once
/// Making envelopes.

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

#include "core/stream.hpp"
#include "crypto/secret.hpp"
#include "envelope/format.hpp"
#include "envelope/head.hpp"
#include "envelope/metadata.hpp"
#include "envelope/payload.hpp"
#include "envelope/recipient.hpp"
#include "os/file.hpp"

namespace trackier::envelope {

/// What is random in an envelope; fresh for each, except in known-answer tests.
struct Origin {
  FileId id{};
  crypto::Secret data_key;
  Salt salt{};

  static Origin random();
};

struct SealOptions {
  Format format = Format::envelope;
  Metadata metadata;
  unsigned workers = 1;
};

struct SealEvents {
  /// After each batch, from any thread but never two at once: bytes of plaintext so far.
  std::function<void(std::uint64_t)> progressed = [](std::uint64_t) {};
};

struct Sealed {
  FileId id{};
  std::uint64_t plain_bytes = 0;  ///< what went into the payload
  std::uint64_t envelope_bytes = 0;
};

/// From a stream to a stream, in constant memory. The head says nothing of the length. Finishes
/// `output`. Throws what reading and writing throw; Error{Code::data} past 64 TiB.
Sealed seal_stream(Source& input, Sink& output, const Recipients& recipients, const Origin& origin,
                   const SealOptions& options, const SealEvents& events,
                   const std::stop_token& stop);

/// From a regular file of `plain_bytes` bytes to the beginning of an empty file, workers reading
/// and writing in place. The head says the length. Throws Error{Code::data} when the input proves
/// shorter or longer: someone writes to it.
Sealed seal_file(os::File& input, std::uint64_t plain_bytes, os::File& output,
                 const Recipients& recipients, const Origin& origin, const SealOptions& options,
                 const SealEvents& events, const std::stop_token& stop);

}  // namespace trackier::envelope
