#include "audit/follow.hpp"

#include <algorithm>

#include "core/bytes.hpp"
#include "os/signals.hpp"

namespace trackier::audit {
namespace {

class Reader {
 public:
  Reader(os::FileSystem& files, const std::filesystem::path& directory, const Visitor& visitor,
         const std::stop_token& stop, Breaks breaks)
      : files_(files), directory_(directory), visitor_(visitor), stop_(stop), breaks_(breaks) {}

  Followed from(const std::optional<Place>& after) {
    auto segments = segments_in(files_, directory_);
    if (!after) {
      return over(segments, 0);
    }
    const auto first = std::ranges::find(segments, after->segment);
    if (first == segments.end() || !stands(*after)) {
      return Followed::replaced;
    }
    last_ = *after;
    segments.erase(segments.begin(), first);
    return over(segments, after->offset);
  }

 private:
  bool stands(const Place& place) const {
    const auto file = files_.open(directory_ / segment_name(place.segment));
    const std::uint64_t size = file->status().size;
    if (place.offset >= size) {
      return false;
    }
    LineReader lines{*file, place.offset, size};
    const auto line = lines.next();
    return line && line->has_end && leaf_hash(as_bytes(line->text)) == place.leaf;
  }

  /// offset: in the first of them, of the last record that was read or, where none was, 0.
  Followed over(const std::vector<Segment>& segments, std::uint64_t offset) {
    for (const Segment segment : segments) {
      const bool is_known = last_ && last_->segment == segment;
      const auto file = files_.open(directory_ / segment_name(segment));
      LineReader lines{*file, offset, file->status().size};
      if (is_known) {
        static_cast<void>(lines.next());
      }
      const Followed end = through(lines, segment);
      if (end != Followed::all) {
        return end;
      }
      offset = 0;
    }
    return Followed::all;
  }

  Followed through(LineReader& lines, Segment segment) {
    while (const auto line = lines.next()) {
      os::throw_if_stopped(stop_);
      if (!line->has_end && line->text.size() < most_line_bytes) {
        return Followed::all;
      }
      const bool is_record = line->has_end && parse_record(line->text, record_);
      const bool follows = is_record && record_.seq == (last_ ? last_->seq + 1 : 0) &&
                           record_.previous == (last_ ? last_->leaf : Hash{});
      if (!follows && breaks_ == Breaks::end) {
        return Followed::broken;
      }
      if (!is_record) {
        continue;
      }
      const Place place{.segment = segment,
                        .offset = line->offset,
                        .seq = record_.seq,
                        .leaf = leaf_hash(as_bytes(line->text))};
      if (!visitor_(record_, place)) {
        return Followed::stopped;
      }
      last_ = place;
    }
    return Followed::all;
  }

  os::FileSystem& files_;
  const std::filesystem::path& directory_;
  const Visitor& visitor_;
  const std::stop_token& stop_;
  Breaks breaks_;
  std::optional<Place> last_;
  Record record_;
};

}  // namespace

Followed follow(os::FileSystem& files, const std::filesystem::path& directory,
                const std::optional<Place>& after, const Visitor& visitor,
                const std::stop_token& stop, Breaks breaks) {
  return Reader{files, directory, visitor, stop, breaks}.from(after);
}

}  // namespace trackier::audit
