#pragma once
/// A new envelope with what is in an old one: another data key, another id, other recipients. What
/// a rewrap does not give: whoever had the old data key learns nothing of the new envelope.

#include <stop_token>

#include "envelope/open.hpp"
#include "envelope/recipient.hpp"
#include "envelope/seal.hpp"
#include "os/file.hpp"

namespace trackier::envelope {

/// Opens `old`, a regular file, chunk by chunk and seals into the beginning of an empty file; no
/// plaintext is on a disk at any time. Metadata is taken over. Throws as open_file and seal_file
/// do; then `output` is no envelope.
Sealed reencrypt_file(os::File& old, const Opening& opening, os::File& output,
                      const Recipients& recipients, const Origin& origin,
                      const OpenOptions& options, const SealEvents& events,
                      const std::stop_token& stop);

}  // namespace trackier::envelope
