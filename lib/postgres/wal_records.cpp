#include "postgres/wal_records.hpp"

#include <algorithm>
#include <cstring>

namespace trackier::postgres {
namespace {

constexpr std::uint64_t short_page_header = 24;
constexpr std::uint64_t long_page_header = 40;  ///< of the first page of a segment
constexpr std::uint64_t alignment = 8;
constexpr std::size_t at_previous = 8;
constexpr std::size_t at_info = 16;
constexpr std::size_t at_manager = 17;
/// All headers of a record with 33 blocks, the most there are, and then some.
constexpr std::size_t most_kept = 2048;

/// How far it is to the next multiple.
std::uint64_t rest_of(std::uint64_t position, std::uint64_t unit) {
  return (unit - position % unit) % unit;
}

/// The log is in the byte order of the server, which is ours or makes it malformed.
template <typename Number>
Number number_at(Bytes bytes, std::size_t at) {
  Number number = 0;
  std::memcpy(&number, bytes.subspan(at, sizeof number).data(), sizeof number);
  return number;
}

}  // namespace

const WalRecord* WalRecords::next(Bytes& bytes) {
  while (sound_ && !bytes.empty()) {
    if (to_skip_ == 0 && position_ % layout_.page_bytes == 0) {
      to_skip_ = position_ % layout_.segment_bytes == 0 ? long_page_header : short_page_header;
    }
    if (to_skip_ > 0) {
      const std::size_t skipped = std::min<std::uint64_t>(to_skip_, bytes.size());
      to_skip_ -= skipped;
      position_ += skipped;
      bytes = bytes.subspan(skipped);
      continue;
    }
    bytes = bytes.subspan(take(bytes));
    if (sound_ && done_ >= wal_record_header && done_ == record_.bytes) {
      end_record();
      return &record_;
    }
  }
  return nullptr;
}

/// Of the record, as far as it goes in this page and these bytes; returns how many.
std::size_t WalRecords::take(Bytes bytes) {
  if (done_ == 0) {
    begin_ = position_;
    kept_.clear();
  }
  const std::uint64_t wanted =
      (done_ < wal_record_header ? wal_record_header : record_.bytes) - done_;
  const std::uint64_t page_left = layout_.page_bytes - position_ % layout_.page_bytes;
  const auto taken = std::min<std::uint64_t>({wanted, page_left, bytes.size()});
  const Bytes kept = bytes.first(std::min<std::size_t>(taken, most_kept - kept_.size()));
  kept_.insert(kept_.end(), kept.begin(), kept.end());
  done_ += taken;
  position_ += taken;
  if (done_ == wal_record_header) {
    begin_record();
  }
  return taken;
}

void WalRecords::begin_record() {
  record_.bytes = number_at<std::uint32_t>(kept_, 0);
  record_.info = number_at<std::uint8_t>(kept_, at_info);
  record_.manager = static_cast<WalManager>(number_at<std::uint8_t>(kept_, at_manager));
  sound_ = record_.bytes >= wal_record_header &&
           (!previous_ || *previous_ == number_at<std::uint64_t>(kept_, at_previous));
}

void WalRecords::end_record() {
  const bool is_switch =
      record_.manager == WalManager::xlog && (record_.info & wal_kind_mask) == wal_switch;
  to_skip_ = rest_of(position_, is_switch ? layout_.segment_bytes : alignment);
  record_.begin = kept_;
  previous_ = begin_;
  done_ = 0;
}

std::uint64_t before_page_header(std::uint64_t position, const WalLayout& layout) {
  const std::uint64_t in_page = position % layout.page_bytes;
  const bool is_first = position % layout.segment_bytes == long_page_header;
  return is_first || in_page == short_page_header ? position - in_page : position;
}

}  // namespace trackier::postgres
