#include "postgres/wal_activity.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstring>
#include <vector>

#include "postgres/connection.hpp"
#include "support/postgres_server.hpp"

namespace trackier::postgres {
namespace {

using test::PostgresServer;

constexpr std::uint64_t page = 8192;
constexpr std::uint64_t segment = 16 * page;
constexpr WalLayout layout{.page_bytes = page, .segment_bytes = segment};

/// Writes a log as PostgreSQL does, as far as WalScan looks.
class Log {
 public:
  void record(unsigned manager, unsigned info, std::uint32_t length = 24) {
    std::vector<std::byte> bytes(length);
    std::memcpy(bytes.data(), &length, sizeof length);
    std::memcpy(bytes.data() + 8, &previous_, sizeof previous_);
    bytes.at(16) = static_cast<std::byte>(info);
    bytes.at(17) = static_cast<std::byte>(manager);
    begin_page();
    previous_ = bytes_.size();
    for (const std::byte byte : bytes) {
      put(byte);
    }
    while (bytes_.size() % 8 != 0) {
      put(std::byte{0});
    }
  }
  void fill_segment() {
    while (bytes_.size() % segment != 0) {
      bytes_.push_back(std::byte{0});
    }
  }
  [[nodiscard]] bool is_idle(std::size_t piece = 1000) const {
    WalScan scan{0, layout};
    for (Bytes rest{bytes_}; !rest.empty();) {
      const Bytes part = rest.first(std::min(piece, rest.size()));
      scan.add(part);
      rest = rest.subspan(part.size());
    }
    return scan.is_idle();
  }

 private:
  void begin_page() {
    if (bytes_.size() % page == 0) {
      bytes_.resize(bytes_.size() + (bytes_.size() % segment == 0 ? 40 : 24));
    }
  }
  void put(std::byte byte) {
    begin_page();
    bytes_.push_back(byte);
  }

  std::vector<std::byte> bytes_;
  std::uint64_t previous_ = 0;  ///< where the record before began
};

TEST_CASE("bookkeeping is idle, across pages and segments, and anything else is not") {
  Log log;
  for (int i = 0; i < 2000; ++i) {
    log.record(0, 0x10, 106);
    log.record(8, 0x10, 50 + static_cast<std::uint32_t>(i % 100));
  }
  CHECK(log.is_idle());
  CHECK(log.is_idle(1));
  log.record(0, 0x40);
  log.fill_segment();
  log.record(0, 0x50, 34);
  CHECK(log.is_idle());
  CHECK(log.is_idle(7));
  for (const auto& [manager, info] :
       {std::pair{10U, 0x00U}, std::pair{1U, 0x00U}, std::pair{0U, 0xa0U}, std::pair{8U, 0x00U}}) {
    Log changed = log;
    changed.record(manager, info, 20'000);
    CHECK_FALSE(changed.is_idle());
    changed.record(0, 0x10);
    CHECK_FALSE(changed.is_idle());
  }
}

TEST_CASE("garbage is not idle, and ends") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& garbage) {
    WalScan scan{page + 24, layout};
    scan.add(std::as_bytes(std::span{garbage}));
    RC_ASSERT(scan.position() >= page + 24);
  }));
  const std::vector<std::byte> zeros(100);
  WalScan scan{page + 24, layout};
  scan.add(zeros);
  CHECK_FALSE(scan.is_idle());
}

TEST_CASE("a server that does its own bookkeeping is idle, one that somebody writes to is not") {
  PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  server->create_database("idle");
  server->sql("CREATE TABLE t (n int)", "idle");
  const ConnectionOptions options{.conninfo = server->conninfo("idle"), .passfile = {}};
  const auto now = [&] {
    Connection connection{options};
    return position(connection).text();
  };
  server->sql("CHECKPOINT");
  const std::string before = now();
  CHECK(is_idle_between(options, before, before));
  server->sql("CHECKPOINT; SELECT pg_create_restore_point('x'); SELECT pg_switch_wal()");
  const std::string after = now();
  CHECK(before != after);
  CHECK(is_idle_between(options, before, after));
  server->sql("INSERT INTO t VALUES (1); CHECKPOINT", "idle");
  CHECK_FALSE(is_idle_between(options, before, now()));
  CHECK_FALSE(is_idle_between(options, after, now()));
  const std::string changed = now();
  CHECK(is_idle_between(options, changed, changed));
  CHECK_FALSE(is_idle_between(options, "nonsense", changed));
  CHECK_FALSE(is_idle_between(options, "1" + changed, changed));
  server->sql("CREATE ROLE idle_reader LOGIN");
  CHECK_FALSE(is_idle_between({.conninfo = server->conninfo("idle", "idle_reader"), .passfile = {}},
                              before, after));
}

}  // namespace
}  // namespace trackier::postgres
