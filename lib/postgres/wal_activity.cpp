#include "postgres/wal_activity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "os/signals.hpp"
#include "postgres/connection.hpp"
#include "postgres/wal_receiver.hpp"

namespace trackier::postgres {
namespace {

/// Checkpoints when shutting down and online, nothing at all, a switch, the end of a backup, a
/// restore point; from 17 on where a checkpoint begins.
constexpr std::array xlog_bookkeeping{0x00U, 0x10U, 0x20U, wal_switch, 0x50U, 0x70U, 0xe0U};
constexpr unsigned running_transactions = 0x10;

/// More than this is not looked at: reading the cluster costs little more then.
constexpr std::uint64_t most_scanned = std::uint64_t{64} << 20U;

bool is_bookkeeping(const WalRecord& record) {
  const unsigned kind = record.info & wal_kind_mask;
  return (record.manager == WalManager::xlog &&
          std::ranges::find(xlog_bookkeeping, kind) != xlog_bookkeeping.end()) ||
         (record.manager == WalManager::standby && kind == running_transactions);
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

bool scan(const ConnectionOptions& options, const Position& from, const Position& to) {
  const auto begin = parse_lsn(from.lsn);
  const auto end = parse_lsn(to.lsn);
  if (!begin || !end || *end < *begin || *end - *begin > most_scanned) {
    return false;
  }
  Connection ordinary{options};
  const WalLayout layout = wal_layout(ordinary);
  const std::uint64_t until = before_page_header(*end, layout);
  if (flushed_until(ordinary, until) < until) {
    return false;
  }
  std::uint32_t timeline = 0;
  std::from_chars(to.timeline.data(), to.timeline.data() + to.timeline.size(), timeline, 16);
  WalScan records{*begin, layout};
  const bool is_read =
      records.position() >= until || receive_wal(options, *begin, timeline, [&](Bytes bytes) {
        records.add(bytes);
        return records.is_idle() && records.position() < until;
      });
  return is_read && records.is_idle();
}

}  // namespace

void WalScan::add(Bytes bytes) {
  while (idle_) {
    const WalRecord* const record = records_.next(bytes);
    if (record == nullptr) {
      return;
    }
    idle_ = is_bookkeeping(*record);
  }
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
