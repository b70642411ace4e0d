#pragma once
/// The end of a log: all that an append needs to know of it.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/record.hpp"
#include "audit/segments.hpp"
#include "os/file.hpp"

namespace trackier::audit {

struct Tail {
  Segment segment = 0;               ///< the last one; 0: there is none
  std::uint64_t end = 0;             ///< of the last record in it
  std::string torn;                  ///< what follows there, of a record that was cut short
  std::optional<Record> last;        ///< of the log, perhaps in the segment before
  Hash hash{};                       ///< of `last`
  std::unique_ptr<os::File> file{};  ///< the segment

  [[nodiscard]] std::vector<OpenOperation> open() const {
    return last ? open_after(*last) : std::vector<OpenOperation>{};
  }
};

/// Reads the last 24 KiB, whatever the size of the log. To be called by who holds the log. Throws
/// Error{Code::data} when it ends with what neither is a record nor can be one that was cut short.
Tail read_tail(os::FileSystem& files, const std::filesystem::path& directory);

}  // namespace trackier::audit
