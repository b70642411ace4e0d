#pragma once
/// Reading a log on from where one stopped, at a cost that does not depend on how long it is.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

#include "audit/merkle.hpp"
#include "audit/record.hpp"
#include "audit/segments.hpp"
#include "os/file.hpp"

namespace trackier::audit {

/// Where a record is, and which one it is.
struct Place {
  Segment segment = 0;
  std::uint64_t offset = 0;  ///< of its line, in the segment
  std::uint64_t seq = 0;
  Hash leaf{};

  friend bool operator==(const Place&, const Place&) = default;
};

enum class Followed : std::uint8_t {
  all,       ///< up to the end of the log
  stopped,   ///< the visitor wanted no more
  replaced,  ///< where one stopped there is another record, or none
  broken,    ///< what comes next is no record, or does not follow the one before
};

/// What becomes of lines that are no records, and of records that do not follow the one before.
enum class Breaks : std::uint8_t {
  end,   ///< it ends there: Followed::broken
  skip,  ///< they are passed over, and it goes on from the next record whatever that is
};

/// False: no more, and this record was not taken.
using Visitor = std::function<bool(const Record& record, const Place& place)>;

/// Gives `visitor` the records after `after`, from the first one on where it is none. Each follows
/// the one before, by its number and its hash. A line that is still being written is not looked at.
/// Nothing is held: other runs may add to the log meanwhile. No log is an empty one, unless `after`
/// says that there was one.
Followed follow(os::FileSystem& files, const std::filesystem::path& directory,
                const std::optional<Place>& after, const Visitor& visitor,
                const std::stop_token& stop = {}, Breaks breaks = Breaks::end);

}  // namespace trackier::audit
