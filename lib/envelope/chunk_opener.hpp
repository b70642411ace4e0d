#pragma once
/// Chunks that either open or are an error with their number. Of interest inside this area only.

#include <cstdint>
#include <string>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "envelope/payload.hpp"

namespace trackier::envelope {

/// What to throw when chunks are missing. name: what errors call the envelope.
Error cut_short(const std::string& name);

class ChunkOpener {
 public:
  /// name: what errors call the envelope. keys, name: outlive it.
  ChunkOpener(const PayloadKeys& keys, const std::string& name) : cipher_(keys), name_(name) {}

  /// out: sealed.size() - 16 bytes. Throws Error{Code::data}: "chunk 3: authentication failed".
  void open(std::uint64_t chunk, Bytes sealed, MutBytes out);

 private:
  ChunkCipher cipher_;
  const std::string& name_;
};

}  // namespace trackier::envelope
