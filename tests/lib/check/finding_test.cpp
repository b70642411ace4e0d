#include "check/finding.hpp"

#include <doctest/doctest.h>

#include <set>

#include "check/backups.hpp"
#include "host.hpp"

namespace trackier::check {
namespace {

using test::finding_of;

Finding of(Status status) {
  return {.id = "files.keys", .status = status, .probed = "x", .found = "why"};
}

TEST_CASE("only a pass is a pass, and one is needed") {
  CHECK_FALSE(is_well({}));
  CHECK_FALSE(is_well({of(Status::not_applicable)}));
  CHECK(is_well({of(Status::pass), of(Status::not_applicable)}));
  for (const Status bad : {Status::fail, Status::error, Status::not_checked, Status::manual}) {
    CHECK_FALSE(is_well({of(Status::pass), of(bad)}));
  }
  Finding without_reason = of(Status::not_applicable);
  without_reason.found.clear();
  CHECK_FALSE(is_well({of(Status::pass), without_reason}));
  CHECK(Finding{}.status == Status::error);
}

TEST_CASE("the worst comes first") {
  Findings all{of(Status::pass), of(Status::not_checked), of(Status::fail), of(Status::error)};
  sort_worst_first(all);
  CHECK(all.front().status == Status::fail);
  CHECK(all.back().status == Status::pass);
}

TEST_CASE("ids are unique, and of a group") {
  std::set<std::string_view> ids;
  for (const Check& each : all_checks()) {
    CHECK(ids.insert(each.id).second);
    CHECK(group_of(each.id).size() < each.id.size());
  }
}

const Time now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 27};
using namespace std::chrono_literals;

Status age(std::optional<Time> taken, std::optional<std::chrono::seconds> limit = {}) {
  return finding_of(check_backups({{.source = "shop", .every = 1h, .taken = taken}}, {.age = limit},
                                  "store", now),
                    "backups.age")
      .status;
}

TEST_CASE("a backup may be half as old again as its schedule, or as it is said") {
  CHECK(age(now - 90min) == Status::pass);
  CHECK(age(now - 90min - 1s) == Status::fail);
  CHECK(age(now - 2h, 3h) == Status::pass);
  CHECK(age(std::nullopt) == Status::fail);
  CHECK(age(now + 1min) == Status::pass);  // clocks differ a little
  CHECK(age(now + 1h) == Status::fail);    // or lie
}

TEST_CASE("a store that cannot be opened is an error of both, no source is no pass") {
  for (const Finding& each :
       check_backups({{.source = "shop", .taken = now, .problem = "gone"}}, {}, "store", now)) {
    CHECK(each.status == Status::error);
  }
  CHECK_FALSE(is_well(check_backups({}, {}, "store", now)));
}

TEST_CASE("drills and keys age") {
  const auto drill = [](std::optional<Time> proved) {
    return finding_of(
               check_backups({{.source = "s", .taken = now, .proved = proved}}, {}, "store", now),
               "backups.drill")
        .status;
  };
  CHECK(drill(now - std::chrono::days{31}) == Status::pass);
  CHECK(drill(now - std::chrono::days{32}) == Status::fail);
  CHECK(drill(std::nullopt) == Status::fail);
  const auto key = [](const KeyStanding& standing) {
    return check_keys({standing}, std::chrono::days{365}, now).at(0).status;
  };
  CHECK(key({.name = "k", .since = now - std::chrono::days{365}}) == Status::pass);
  CHECK(key({.name = "k", .since = now - std::chrono::days{366}}) == Status::fail);
  CHECK(key({.name = "k", .since = now + std::chrono::days{1}}) == Status::fail);
  CHECK(key({.name = "k", .problem = "locked"}) == Status::not_checked);
  CHECK(check_keys({}, std::chrono::days{365}, now).at(0).status == Status::not_applicable);
}

}  // namespace
}  // namespace trackier::check
