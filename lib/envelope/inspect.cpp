#include "envelope/inspect.hpp"

#include <array>

#include "envelope/sealed_sizes.hpp"

namespace trackier::envelope {

Inspection inspect(os::File& file, const std::string& name) {
  std::array<std::byte, head_bytes> bytes{};
  const std::size_t got = file.read_at(0, bytes);
  Inspection found{.head = parse_head(Bytes{bytes}.first(got), name), .incomplete_because = {}};
  found.envelope_bytes = file.status().size;
  const auto chunks = chunks_of_file(found.envelope_bytes);
  const auto named = found.head.current().plain_bytes;
  found.plain_bytes = chunks ? chunks->plain_bytes : 0;
  if (!chunks) {
    found.incomplete_because = "no envelope has this length: it was cut, or something was added";
  } else if (named && *named > chunks->plain_bytes) {
    found.incomplete_because = "it is shorter than its head says";
  } else if (named && *named < chunks->plain_bytes) {
    found.incomplete_because = "it is longer than its head says";
  } else {
    found.complete = true;
  }
  return found;
}

}  // namespace trackier::envelope
