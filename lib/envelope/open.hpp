#pragma once
/// Opening envelopes. Nothing that is not authenticated is ever given on.

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "core/stream.hpp"
#include "envelope/head.hpp"
#include "envelope/identity.hpp"
#include "envelope/metadata.hpp"
#include "envelope/seal.hpp"
#include "os/file.hpp"

namespace trackier::envelope {

/// A part of the plaintext.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  ///< one past the last byte; past the end of the plaintext is an error
};

struct OpenOptions {
  std::string name;  ///< what errors call the envelope, printable
  unsigned workers = 1;
};

struct Opened {
  FileId id{};
  std::uint64_t plain_bytes = 0;
};

/// An envelope whose head has been read and opened; its metadata can be looked at before anything
/// else is done.
class Opening {
 public:
  /// From a stream: reads the head and the first 56 bytes of the payload.
  /// Throws as parse_head and unlock do; Error{Code::data} when the commitment does not agree.
  static Opening of_stream(Source& input, const Identities& identities, const std::string& name,
                           Format format = Format::envelope);
  static Opening of_file(os::File& input, const Identities& identities, const std::string& name,
                         Format format = Format::envelope);

  [[nodiscard]] const Head& head() const noexcept { return head_; }
  /// The block that proved authentic; what is said of the envelope stands in it.
  [[nodiscard]] const Block& block() const { return head_.blocks[unlocked_.block].block; }
  [[nodiscard]] const Metadata& metadata() const noexcept { return metadata_; }
  [[nodiscard]] const PayloadKeys& keys() const noexcept { return keys_; }
  [[nodiscard]] const crypto::Secret& data_key() const noexcept { return unlocked_.data_key; }

 private:
  static Opening of_bytes(Bytes head_and_preamble, const Identities& identities,
                          const std::string& name, Format format);
  Opening(Head head, Unlocked unlocked, Metadata metadata, PayloadKeys keys);

  Head head_;
  Unlocked unlocked_;
  Metadata metadata_;
  PayloadKeys keys_;
};

/// The rest of a stream: writes authenticated chunks as they come, and finishes `output` only when
/// the last chunk was authentic and nothing follows it. Throws Error{Code::data} naming the chunk
/// ("chunk 3: authentication failed") or saying that the envelope is cut short.
Opened open_stream(Source& input, const Opening& opening, Sink& output, const OpenOptions& options,
                   const SealEvents& events, const std::stop_token& stop);

/// A whole regular file into the beginning of an empty file, workers reading and writing in place.
/// Returns only when everything was authentic; until then the caller shows `output` to nobody.
Opened open_file(os::File& input, const Opening& opening, os::File& output,
                 const OpenOptions& options, const SealEvents& events, const std::stop_token& stop);

/// Reads all of a regular file and writes nothing: every chunk has to be authentic, and nothing may
/// follow the last one. Throws as open_file does.
Opened verify_file(os::File& envelope, const Opening& opening, const OpenOptions& options,
                   const SealEvents& events, const std::stop_token& stop);

/// A part of a regular file to a stream; the last chunk is authenticated first, so that the length
/// of the whole is certain.
Opened open_range(os::File& input, const Opening& opening, const Range& range, Sink& output,
                  const OpenOptions& options, const std::stop_token& stop);

}  // namespace trackier::envelope
