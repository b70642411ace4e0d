#include "postgres/content_writes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

#include "core/error.hpp"
#include "os/signals.hpp"
#include "postgres/connection.hpp"
#include "postgres/libpq.hpp"

namespace trackier::postgres {
namespace {

constexpr std::uint64_t short_page_header = 24;
constexpr std::uint64_t long_page_header = 40;  ///< of the first page of a segment
constexpr std::uint64_t alignment = 8;
constexpr std::size_t record_header = 24;
constexpr std::size_t at_previous = 8;
constexpr std::size_t at_info = 16;
constexpr std::size_t at_manager = 17;
/// All headers of a record with 33 blocks, the most there are, and then some.
constexpr std::size_t most_headers = 2048;

/// Resource managers, src/include/access/rmgrlist.h, and the kinds of their records.
constexpr unsigned xlog_manager = 0;
constexpr unsigned storage_manager = 2;
constexpr unsigned heap2_manager = 9;
constexpr unsigned heap_manager = 10;
constexpr unsigned kind_mask = 0xf0;
constexpr unsigned heap_kind_mask = 0x70;
constexpr unsigned xlog_switch = 0x40;
constexpr unsigned storage_create = 0x10;
constexpr unsigned heap_lock = 0x60;
constexpr unsigned heap2_rewrite = 0x00;
constexpr unsigned heap2_multi_insert = 0x50;

/// Numbers in front of what follows a record's header; less than these: a block.
constexpr unsigned most_blocks = 32;
constexpr unsigned top_transaction = 252;
constexpr unsigned origin = 253;
constexpr unsigned long_data = 254;
constexpr unsigned short_data = 255;

constexpr unsigned has_image = 0x10;
constexpr unsigned same_relation = 0x80;
constexpr unsigned fork_mask = 0x0f;
constexpr unsigned image_has_hole = 0x01;

constexpr int oldest_known = 13;
constexpr int newest_known = 18;

/// More is not read: that takes longer than the comparison of some tables is worth.
constexpr std::uint64_t most_read = std::uint64_t{16} << 30U;
/// A sender that hears nothing for a minute gives up: one connection is not kept for longer.
constexpr std::uint64_t read_at_once = std::uint64_t{1} << 30U;

/// The log is in the byte order of the server, which is ours or makes it malformed.
template <typename Number>
Number number_at(const std::vector<std::byte>& bytes, std::size_t at) {
  Number number = 0;
  if (at + sizeof number <= bytes.size()) {
    std::memcpy(&number, bytes.data() + at, sizeof number);
  }
  return number;
}

/// Whether the blocks it names have other rows afterwards.
bool changes_rows(unsigned manager, unsigned info) {
  switch (manager) {
    case xlog_manager:  // images of pages as they are
    case storage_manager:
      return false;
    case heap_manager:
      return (info & heap_kind_mask) != heap_lock;
    case heap2_manager:  // the others prune, freeze, lock
      return (info & heap_kind_mask) == heap2_rewrite ||
             (info & heap_kind_mask) == heap2_multi_insert;
    default:
      return true;
  }
}

std::string position_text(std::uint64_t position) {
  return fmt::format("{:X}/{:X}", position >> 32U, position & 0xffffffffU);
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The next record goes behind the header of a page, which is not written before the record.
std::uint64_t before_page_header(std::uint64_t position, const WalWrites::Layout& layout) {
  const std::uint64_t in_page = position % layout.page_bytes;
  const bool is_first = position % layout.segment_bytes == long_page_header;
  return is_first || in_page == short_page_header ? position - in_page : position;
}

/// Only what is on the disk is sent. A transaction that others see is there, or gets there within
/// three rounds of the server's WAL writer; what else is at the end may stay in memory for long,
/// and nobody sees the like.
std::uint64_t flushed_until(Connection& connection, std::uint64_t end) {
  constexpr std::chrono::milliseconds between_tries{50};
  const std::chrono::milliseconds round{number_of(
      connection.value("SELECT setting FROM pg_settings WHERE name = 'wal_writer_delay'"))};
  for (auto waited = std::chrono::milliseconds::zero();; waited += between_tries) {
    const std::uint64_t flushed = number_of(
        connection.value("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
                         "ELSE pg_current_wal_flush_lsn() END - '0/0'"));
    if (flushed >= end || waited > round * 4) {
      return std::min(flushed, end);
    }
    os::throw_if_interrupted();
    std::this_thread::sleep_for(between_tries);
  }
}

/// What a message of the server adds to the log; empty for one that only says it is alive.
Bytes log_in(std::string_view message) {
  constexpr std::size_t before_data = 1 + 3 * sizeof(std::uint64_t);
  return message.size() > before_data && message.front() == 'w'
             ? as_bytes(message).subspan(before_data)
             : Bytes{};
}

bool receive(const ConnectionOptions& options, std::uint64_t end, WalWrites& writes) {
  ConnectionOptions replication = options;
  replication.replication = true;
  Connection sender{replication};
  sender.send("START_REPLICATION PHYSICAL " + position_text(writes.position()));
  const Result started = sender.next_result();
  if (!started || libpq().result_status(started.get()) != PGRES_COPY_BOTH) {
    return false;
  }
  while (writes.is_sound() && writes.position() < end) {
    const std::string message = sender.copied();
    if (message.empty()) {
      return false;
    }
    writes.add(log_in(message));
  }
  return true;
}

}  // namespace

void WalWrites::add(Bytes bytes) {
  while (sound_ && !bytes.empty()) {
    if (to_skip_ == 0 && position_ % layout_.page_bytes == 0) {
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

void WalWrites::begin_page() {
  to_skip_ = position_ % layout_.segment_bytes == 0 ? long_page_header : short_page_header;
}

std::size_t WalWrites::take_of_record(Bytes bytes) {
  const std::uint64_t page_left = layout_.page_bytes - position_ % layout_.page_bytes;
  std::uint64_t most = std::min<std::uint64_t>(page_left, bytes.size());
  if (record_done_ == 0) {
    record_begin_ = position_;
  }
  if (record_done_ < record_header) {
    most = std::min<std::uint64_t>(most, record_header - record_done_);
  } else {
    most = std::min(most, record_bytes_ - record_done_);
  }
  if (record_.size() < most_headers) {
    const Bytes kept = bytes.first(std::min<std::uint64_t>(most, most_headers - record_.size()));
    record_.insert(record_.end(), kept.begin(), kept.end());
  }
  record_done_ += most;
  position_ += most;
  if (record_done_ == record_header) {
    record_bytes_ = number_at<std::uint32_t>(record_, 0);
    sound_ = record_bytes_ >= record_header &&
             (!previous_ || *previous_ == number_at<std::uint64_t>(record_, at_previous));
  }
  if (sound_ && record_bytes_ != 0 && record_done_ == record_bytes_) {
    end_record();
  }
  return most;
}

void WalWrites::end_record() {
  const auto manager = std::to_integer<unsigned>(record_[at_manager]);
  const auto info = std::to_integer<unsigned>(record_[at_info]);
  to_skip_ = (alignment - position_ % alignment) % alignment;
  if (manager == xlog_manager && (info & kind_mask) == xlog_switch) {
    to_skip_ = (layout_.segment_bytes - position_ % layout_.segment_bytes) % layout_.segment_bytes;
  } else if (manager == storage_manager && (info & kind_mask) == storage_create) {
    note_relation(record_header + 2);  // behind the number and the length of its data
  } else if (changes_rows(manager, info)) {
    note_blocks();
  }
  previous_ = record_begin_;
  record_.clear();
  record_bytes_ = 0;
  record_done_ = 0;
}

/// Tablespace, database, file: four bytes each.
void WalWrites::note_relation(std::size_t at) {
  constexpr std::size_t at_database = 4;
  constexpr std::size_t at_file = 8;
  sound_ = sound_ && at + at_file + sizeof(std::uint32_t) <= record_.size();
  written_.emplace(number_at<std::uint32_t>(record_, at + at_database),
                   number_at<std::uint32_t>(record_, at + at_file));
}

/// As DecodeXLogRecord of src/backend/access/transam/xlogreader.c does it.
void WalWrites::note_blocks() {
  constexpr std::size_t block_header = 4;
  constexpr std::size_t image_header = 5;
  constexpr std::size_t relation_bytes = 12;
  // Before 15 there was one way to compress an image, later three.
  const unsigned image_is_compressed = layout_.major < 15 ? 0x02U : 0x1cU;
  std::uint64_t data = 0;
  std::size_t at = record_header;
  std::optional<std::size_t> relation;
  while (sound_ && record_bytes_ - at > data) {
    const unsigned number = number_at<std::uint8_t>(record_, at);
    if (number == short_data || number == long_data) {
      return;
    }
    if (number == origin || number == top_transaction) {
      at += number == origin ? 3 : 5;
      continue;
    }
    const unsigned flags = number_at<std::uint8_t>(record_, at + 1);
    data += number_at<std::uint16_t>(record_, at + 2);
    at += block_header;
    if ((flags & has_image) != 0) {
      data += number_at<std::uint16_t>(record_, at);
      const unsigned image = number_at<std::uint8_t>(record_, at + 4);
      at += image_header;
      at += (image & image_has_hole) != 0 && (image & image_is_compressed) != 0 ? 2 : 0;
    }
    if ((flags & same_relation) == 0) {
      relation = at;
      at += relation_bytes;
    }
    at += sizeof(std::uint32_t);  // the block's number
    sound_ = number <= most_blocks && relation && at <= record_.size() && at <= record_bytes_;
    if (sound_ && (flags & fork_mask) == 0) {
      note_relation(*relation);
    }
  }
}

std::uint64_t wal_position(Connection& connection) {
  return number_of(
      connection.value("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
                       "ELSE pg_current_wal_insert_lsn() END - '0/0'"));
}

WalWrites::Layout wal_layout(Connection& connection) {
  return {.page_bytes = number_of(connection.value("SHOW wal_block_size")),
          .segment_bytes = number_of(
              connection.value("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")),
          .major = connection.server_major()};
}

std::optional<std::string> read_writes(Connection& ordinary, const ConnectionOptions& options,
                                       std::uint64_t end, WalWrites& writes) {
  const WalWrites::Layout layout = wal_layout(ordinary);
  const std::uint64_t until = flushed_until(ordinary, before_page_header(end, layout));
  if (writes.position() >= until) {
    return std::nullopt;
  }
  if (layout.major < oldest_known || layout.major > newest_known) {
    return fmt::format("the log of PostgreSQL {} is not known", layout.major);
  }
  if (until - writes.position() > most_read) {
    return "too much was written to the log";
  }
  try {
    while (writes.is_sound() && writes.position() < until) {
      if (!receive(options, std::min(until, writes.position() + read_at_once), writes)) {
        return "the server does not send its log";
      }
    }
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    return error.what();
  }
  return writes.is_sound() ? std::nullopt
                           : std::optional<std::string>{"the server's log cannot be read"};
}

}  // namespace trackier::postgres
