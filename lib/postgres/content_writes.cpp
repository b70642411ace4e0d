#include "postgres/content_writes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "os/signals.hpp"
#include "postgres/connection.hpp"
#include "postgres/wal_receiver.hpp"

namespace trackier::postgres {
namespace {

/// Kinds of records, by manager.
constexpr unsigned heap_kind_mask = 0x70;
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

/// 0 behind the end.
template <typename Number>
Number number_at(Bytes bytes, std::size_t at) {
  Number number = 0;
  if (at + sizeof number <= bytes.size()) {
    std::memcpy(&number, bytes.data() + at, sizeof number);
  }
  return number;
}

/// Whether the blocks it names have other rows afterwards.
bool changes_rows(const WalRecord& record) {
  switch (record.manager) {
    case WalManager::xlog:  // images of pages as they are
    case WalManager::storage:
      return false;
    case WalManager::heap:
      return (record.info & heap_kind_mask) != heap_lock;
    case WalManager::heap2:  // the others prune, freeze, lock
      return (record.info & heap_kind_mask) == heap2_rewrite ||
             (record.info & heap_kind_mask) == heap2_multi_insert;
    default:
      return true;
  }
}

}  // namespace

void WalWrites::add(Bytes bytes) {
  while (is_sound()) {
    const WalRecord* const record = records_.next(bytes);
    if (record == nullptr) {
      return;
    }
    if (record->manager == WalManager::storage &&
        (record->info & wal_kind_mask) == storage_create) {
      note_relation(*record,
                    wal_record_header + 2);  // behind the number and the length of its data
    } else if (changes_rows(*record)) {
      note_blocks(*record);
    }
  }
}

/// Tablespace, database, file: four bytes each.
void WalWrites::note_relation(const WalRecord& record, std::size_t at) {
  constexpr std::size_t at_database = 4;
  constexpr std::size_t at_file = 8;
  sound_ = sound_ && at + at_file + sizeof(std::uint32_t) <= record.begin.size();
  written_.emplace(number_at<std::uint32_t>(record.begin, at + at_database),
                   number_at<std::uint32_t>(record.begin, at + at_file));
}

/// As DecodeXLogRecord of src/backend/access/transam/xlogreader.c does it.
void WalWrites::note_blocks(const WalRecord& record) {
  constexpr std::size_t block_header = 4;
  constexpr std::size_t image_header = 5;
  constexpr std::size_t relation_bytes = 12;
  // Before 15 there was one way to compress an image, later three.
  const unsigned image_is_compressed = major_ < 15 ? 0x02U : 0x1cU;
  std::uint64_t data = 0;
  std::size_t at = wal_record_header;
  std::optional<std::size_t> relation;
  while (sound_ && record.bytes - at > data) {
    const unsigned number = number_at<std::uint8_t>(record.begin, at);
    if (number == short_data || number == long_data) {
      return;
    }
    if (number == origin || number == top_transaction) {
      at += number == origin ? 3 : 5;
      continue;
    }
    const unsigned flags = number_at<std::uint8_t>(record.begin, at + 1);
    data += number_at<std::uint16_t>(record.begin, at + 2);
    at += block_header;
    if ((flags & has_image) != 0) {
      data += number_at<std::uint16_t>(record.begin, at);
      const unsigned image = number_at<std::uint8_t>(record.begin, at + 4);
      at += image_header;
      at += (image & image_has_hole) != 0 && (image & image_is_compressed) != 0 ? 2 : 0;
    }
    if ((flags & same_relation) == 0) {
      relation = at;
      at += relation_bytes;
    }
    at += sizeof(std::uint32_t);  // the block's number
    sound_ = number <= most_blocks && relation && at <= record.begin.size() && at <= record.bytes;
    if (sound_ && (flags & fork_mask) == 0) {
      note_relation(record, *relation);
    }
  }
}

std::optional<std::string> read_writes(Connection& ordinary, const ConnectionOptions& options,
                                       std::uint64_t end, WalWrites& writes) {
  const WalLayout layout = wal_layout(ordinary);
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
      const std::uint64_t stop = std::min(until, writes.position() + read_at_once);
      const bool is_sent = receive_wal(options, writes.position(), std::nullopt, [&](Bytes bytes) {
        writes.add(bytes);
        return writes.is_sound() && writes.position() < stop;
      });
      if (!is_sent) {
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
