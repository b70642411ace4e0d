#include "postgres/wal_activity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <thread>

#include "os/signals.hpp"
#include "postgres/connection.hpp"
#include "postgres/libpq.hpp"

namespace trackier::postgres {
namespace {

constexpr std::uint64_t short_page_header = 24;
constexpr std::uint64_t long_page_header = 40;  ///< of the first page of a segment
constexpr std::uint64_t alignment = 8;
constexpr std::size_t at_info = 16;
constexpr std::size_t at_manager = 17;

/// Resource managers, src/include/access/rmgrlist.h, and the kinds of their records.
constexpr unsigned xlog_manager = 0;
constexpr unsigned standby_manager = 8;
constexpr unsigned kind_mask = 0xf0;
constexpr unsigned switch_kind = 0x40;
/// Checkpoints when shutting down and online, nothing at all, a switch, the end of a backup, a
/// restore point; from 17 on where a checkpoint begins.
constexpr std::array xlog_bookkeeping{0x00U, 0x10U, 0x20U, switch_kind, 0x50U, 0x70U, 0xe0U};
constexpr unsigned running_transactions = 0x10;

/// More than this is not looked at: reading the cluster costs little more then.
constexpr std::uint64_t most_scanned = std::uint64_t{64} << 20U;
constexpr int flush_tries = 20;
constexpr std::chrono::milliseconds between_flush_tries{100};

bool is_bookkeeping(unsigned manager, unsigned kind) {
  return (manager == xlog_manager &&
          std::ranges::find(xlog_bookkeeping, kind) != xlog_bookkeeping.end()) ||
         (manager == standby_manager && kind == running_transactions);
}

/// "0/2000028"
std::optional<std::uint64_t> parse_lsn(std::string_view text) {
  constexpr int hexadecimal = 16;
  constexpr unsigned low_bits = 32;
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), text.data() + slash, high, hexadecimal);
  const auto second = std::from_chars(text.data() + slash + 1, end, low, hexadecimal);
  if (first.ptr != text.data() + slash || second.ptr != end || first.ec != std::errc{} ||
      second.ec != std::errc{}) {
    return std::nullopt;
  }
  return std::uint64_t{high} << low_bits | low;
}

/// A position as text, in its parts.
struct Position {
  std::string_view cluster;   ///< "7301234567890120707"
  std::string_view timeline;  ///< "00000001"
  std::string_view lsn;
};

std::optional<Position> parse_position(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t second = first == std::string_view::npos ? first : text.find('/', first + 1);
  if (second == std::string_view::npos) {
    return std::nullopt;
  }
  return Position{.cluster = text.substr(0, first),
                  .timeline = text.substr(first + 1, second - first - 1),
                  .lsn = text.substr(second + 1)};
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Only what is on the disk is sent; what is not is not waited for longer than it usually takes.
bool is_flushed(Connection& connection, std::uint64_t until) {
  for (int tries = 0; tries < flush_tries; ++tries) {
    const auto flushed = parse_lsn(connection.value("SELECT pg_current_wal_flush_lsn()"));
    if (flushed && *flushed >= until) {
      return true;
    }
    os::throw_if_interrupted();
    std::this_thread::sleep_for(between_flush_tries);
  }
  return false;
}

/// What a message of the server adds to the log; empty for one that only says it is alive.
Bytes log_in(std::string_view message) {
  constexpr std::size_t before_data = 1 + 3 * sizeof(std::uint64_t);
  return message.size() > before_data && message.front() == 'w'
             ? as_bytes(message).subspan(before_data)
             : Bytes{};
}

/// The next record goes behind the header of a page, which is not written before the record.
std::uint64_t before_page_header(std::uint64_t position, std::uint64_t page_bytes,
                                 std::uint64_t segment_bytes) {
  const bool is_first = position % segment_bytes == long_page_header;
  if (is_first || position % page_bytes == short_page_header) {
    return position - position % page_bytes;
  }
  return position;
}

bool scan(const ConnectionOptions& options, const Position& from, const Position& to) {
  const auto begin = parse_lsn(from.lsn);
  const auto end = parse_lsn(to.lsn);
  if (!begin || !end || *end < *begin || *end - *begin > most_scanned) {
    return false;
  }
  Connection ordinary{options};
  const std::uint64_t page_bytes = number(ordinary.value("SHOW wal_block_size"));
  const std::uint64_t segment_bytes =
      number(ordinary.value("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'"));
  const std::uint64_t until = before_page_header(*end, page_bytes, segment_bytes);
  if (!is_flushed(ordinary, until)) {
    return false;
  }
  WalScan records{*begin, page_bytes, segment_bytes};
  ConnectionOptions replication = options;
  replication.replication = true;
  Connection sender{replication};
  std::uint32_t timeline = 0;
  std::from_chars(to.timeline.data(), to.timeline.data() + to.timeline.size(), timeline, 16);
  sender.send(fmt::format("START_REPLICATION PHYSICAL {} TIMELINE {}", from.lsn, timeline));
  const Result started = sender.next_result();
  if (!started || libpq().result_status(started.get()) != PGRES_COPY_BOTH) {
    return false;
  }
  while (records.is_idle() && records.position() < until) {
    const std::string message = sender.copied();
    if (message.empty()) {
      return false;
    }
    records.add(log_in(message));
  }
  return records.is_idle();
}

}  // namespace

void WalScan::add(Bytes bytes) {
  while (idle_ && !bytes.empty()) {
    if (to_skip_ == 0 && position_ % page_bytes_ == 0) {
      begin_page();
    }
    std::size_t taken = 0;
    if (to_skip_ > 0) {
      taken = std::min<std::uint64_t>(to_skip_, bytes.size());
      to_skip_ -= taken;
      position_ += taken;
    } else {
      taken = take_of_record(bytes);
    }
    bytes = bytes.subspan(taken);
  }
}

void WalScan::begin_page() {
  to_skip_ = position_ % segment_bytes_ == 0 ? long_page_header : short_page_header;
}

std::size_t WalScan::take_of_record(Bytes bytes) {
  const std::uint64_t page_left = page_bytes_ - position_ % page_bytes_;
  std::uint64_t most = std::min<std::uint64_t>(page_left, bytes.size());
  if (have_ < header_bytes) {
    most = std::min<std::uint64_t>(most, header_bytes - have_);
    std::memcpy(header_.data() + have_, bytes.data(), most);
    have_ += most;
    if (have_ == header_bytes) {
      std::uint32_t length = 0;
      std::memcpy(&length, header_.data(), sizeof length);  // of a server with our byte order
      record_bytes_ = length;
      idle_ = length >= header_bytes;
    }
  } else {
    most = std::min(most, record_bytes_ - record_done_);
  }
  record_done_ += most;
  position_ += most;
  if (idle_ && record_bytes_ != 0 && record_done_ == record_bytes_) {
    end_record();
  }
  return most;
}

void WalScan::end_record() {
  const auto manager = std::to_integer<unsigned>(header_[at_manager]);
  const unsigned kind = std::to_integer<unsigned>(header_[at_info]) & kind_mask;
  idle_ = is_bookkeeping(manager, kind);
  to_skip_ = (alignment - position_ % alignment) % alignment;
  if (manager == xlog_manager && kind == switch_kind) {
    to_skip_ = (segment_bytes_ - position_ % segment_bytes_) % segment_bytes_;
  }
  have_ = 0;
  record_bytes_ = 0;
  record_done_ = 0;
}

bool is_idle_between(const ConnectionOptions& options, std::string_view before,
                     std::string_view now) {
  const auto from = parse_position(before);
  const auto to = parse_position(now);
  if (!from || !to || from->cluster != to->cluster || from->timeline != to->timeline) {
    return false;
  }
  try {
    return from->lsn == to->lsn || scan(options, *from, *to);
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error&) {
    return false;  // then the backup is taken, and says what is wrong
  }
}

}  // namespace trackier::postgres
