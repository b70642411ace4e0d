// Memory that runs out at any allocation, once or for good: what was acknowledged is there, and
// nothing of this is ever called tampering.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <set>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "log_support.hpp"
#include "support/temporary_directory.hpp"

namespace {

/// Which allocation of this thread fails, counted down to 0; below that none is counted.
thread_local std::int64_t until_failure = -1;
thread_local bool fails_for_good = false;

void* allocate(std::size_t size) {
  if (until_failure > 0 && --until_failure == 0) {
    until_failure = fails_for_good ? 1 : -1;
    throw std::bad_alloc{};
  }
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,hicpp-no-malloc) below it there is nothing else
  if (void* const made = std::malloc(size == 0 ? 1 : size)) {
    return made;
  }
  throw std::bad_alloc{};
}

}  // namespace

// NOLINTBEGIN(misc-definitions-in-headers,cppcoreguidelines-no-malloc,hicpp-no-malloc)
void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t& /*unused*/) noexcept {
  try {
    return allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size, const std::nothrow_t& /*unused*/) noexcept {
  try {
    return allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* bytes) noexcept {
  std::free(bytes);
}
void operator delete[](void* bytes) noexcept {
  std::free(bytes);
}
void operator delete(void* bytes, std::size_t /*size*/) noexcept {
  std::free(bytes);
}
void operator delete[](void* bytes, std::size_t /*size*/) noexcept {
  std::free(bytes);
}
// NOLINTEND(misc-definitions-in-headers,cppcoreguidelines-no-malloc,hicpp-no-malloc)

namespace trackier::audit {
namespace {

/// What was acknowledged, kept without an allocation.
struct Acknowledged {
  bool intent = false;
  bool outcome = false;
  OperationId id{};
};

void run(const std::filesystem::path& directory, Machine& machine, Acknowledged& acknowledged) {
  Log log = log_in(os::posix(), directory, machine, 1200);
  acknowledged.id = log.begin("backup", {});
  acknowledged.intent = true;
  log.end(acknowledged.id, "backup", {.exit = 0, .code = "ok"});
  acknowledged.outcome = true;
  Checkpoints{log}.sign(origin, key_of('l'));
}

std::set<std::pair<OperationId, Phase>> recorded_in(const std::filesystem::path& directory) {
  std::set<std::pair<OperationId, Phase>> recorded;
  for (const Segment segment : segments_in(os::posix(), directory)) {
    for (const std::string& line : lines_of(directory / segment_name(segment))) {
      Record record;
      if (parse_record(line, record)) {
        recorded.emplace(record.id, record.phase);
      }
    }
  }
  return recorded;
}

TEST_CASE("memory that runs out loses no record and fakes none") {
  for (const bool for_good : {false, true}) {
    bool is_done = false;
    std::int64_t n = 1;
    for (; !is_done; n += for_good ? 5 : 1) {
      const test::TemporaryDirectory temporary;
      const auto directory = temporary / "audit";
      Machine machine;
      Acknowledged acknowledged;
      fails_for_good = for_good;
      until_failure = n;
      try {
        run(directory, machine, acknowledged);
        is_done = until_failure > 0;
      } catch (const std::bad_alloc&) {
      } catch (const Error& error) {
        until_failure = -1;
        CHECK(error.code() == Code::io);
      }
      until_failure = -1;
      CAPTURE(n);
      CAPTURE(for_good);
      if (!segments_in(os::posix(), directory).empty()) {
        CHECK(verified(os::posix(), directory).verdict != Verdict::tampered);
      }
      const auto recorded = recorded_in(directory);
      CHECK((!acknowledged.intent || recorded.contains({acknowledged.id, Phase::intent})));
      CHECK((!acknowledged.outcome || recorded.contains({acknowledged.id, Phase::outcome})));
      machine.gone = {100};
      machine.pid = 101;
      Acknowledged after;
      CHECK_NOTHROW(run(directory, machine, after));
      const Report found = verified(os::posix(), directory);
      CHECK(found.verdict == Verdict::intact_unanchored);
      CHECK(found.open.empty());
    }
    CHECK(n > 100);
  }
}

}  // namespace
}  // namespace trackier::audit
