#include "postgres/wal_receiver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "os/signals.hpp"
#include "postgres/connection.hpp"
#include "postgres/libpq.hpp"

namespace trackier::postgres {
namespace {

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// What a message of the server adds to the log; empty for one that only says it is alive.
Bytes log_in(std::string_view message) {
  constexpr std::size_t before_data = 1 + 3 * sizeof(std::uint64_t);
  return message.size() > before_data && message.front() == 'w'
             ? as_bytes(message).subspan(before_data)
             : Bytes{};
}

}  // namespace

WalLayout wal_layout(Connection& connection) {
  return {.page_bytes = number_of(connection.value("SHOW wal_block_size")),
          .segment_bytes = number_of(
              connection.value("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")),
          .major = connection.server_major()};
}

std::uint64_t wal_position(Connection& connection) {
  return number_of(
      connection.value("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
                       "ELSE pg_current_wal_insert_lsn() END - '0/0'"));
}

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

bool receive_wal(const ConnectionOptions& options, std::uint64_t begin,
                 std::optional<std::uint32_t> timeline, const std::function<bool(Bytes)>& take) {
  ConnectionOptions replication = options;
  replication.replication = true;
  Connection sender{replication};
  sender.send(fmt::format("START_REPLICATION PHYSICAL {:X}/{:X}{}", begin >> 32U,
                          begin & 0xffffffffU,
                          timeline ? fmt::format(" TIMELINE {}", *timeline) : ""));
  const Result started = sender.next_result();
  if (!started || libpq().result_status(started.get()) != PGRES_COPY_BOTH) {
    return false;
  }
  for (;;) {
    const std::string message = sender.copied();
    if (message.empty()) {
      return false;
    }
    if (!take(log_in(message))) {
      return true;
    }
  }
}

}  // namespace trackier::postgres
