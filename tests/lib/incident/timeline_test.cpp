#include "incident/timeline.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <thread>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "example.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::incident {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

const std::set<crypto::Ed25519Public> anybody;

struct Bench {
  test::TemporaryDirectory root;
  std::filesystem::path directory = root / "incidents";
  Timeline timeline{os::posix(), {.directory = directory}};

  SignedEntry open(const std::string& prefix = "TI", int year = 2026) {
    return timeline.open(prefix, year, key_of('k'), entry_of(opened()));
  }
  SignedEntry note(const std::string& incident, const std::string& text) {
    return timeline.append(incident, key_of('k'),
                           [&](const Chain&) { return entry_of(Noted{text}); });
  }

  static Opened opened() {
    return {.title = "t", .is_drill = false, .roles = {"processor"}, .law = "2026-11-23"};
  }
};

/// The database as somebody opens it who wants to change it.
class Database {
 public:
  explicit Database(const std::filesystem::path& directory) {
    sqlite3* opened = nullptr;
    REQUIRE(sqlite3_open((directory / "incidents.db").c_str(), &opened) == SQLITE_OK);
    database_.reset(opened);
  }

  /// Empty, or why not.
  std::string run(const std::string& sql) {
    char* why = nullptr;
    sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, &why);
    const std::unique_ptr<char, decltype(&sqlite3_free)> owner{why, sqlite3_free};
    return why == nullptr ? std::string{} : std::string{why};
  }
  void must(const std::string& sql) { REQUIRE(run(sql) == ""); }
  void drop_triggers() {
    must("DROP TRIGGER entry_is_not_changed; DROP TRIGGER entry_is_not_deleted");
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

TEST_CASE("incidents are numbered by prefix and year") {
  Bench bench;
  CHECK(bench.timeline.incidents().empty());
  CHECK(bench.open().entry.incident == "TI-2026-0001");
  CHECK(bench.open().entry.incident == "TI-2026-0002");
  CHECK(bench.open("TI", 2027).entry.incident == "TI-2027-0001");
  CHECK(bench.open("DRILL").entry.incident == "DRILL-2026-0001");
  CHECK(bench.open().entry.incident == "TI-2026-0003");
  CHECK(bench.timeline.incidents() == std::vector<std::string>{"DRILL-2026-0001", "TI-2026-0001",
                                                               "TI-2026-0002", "TI-2026-0003",
                                                               "TI-2027-0001"});
}

TEST_CASE("after four digits come five, and a number is not used twice") {
  Bench bench;
  bench.open();
  Database database{bench.directory};
  database.must(
      "INSERT INTO entry SELECT 'TI-2026-9999', 1, line, hash, signer, signature"
      " FROM entry");
  CHECK(bench.open().entry.incident == "TI-2026-10000");
  CHECK(bench.open().entry.incident == "TI-2026-10001");
  database.drop_triggers();
  database.must("DELETE FROM entry WHERE incident = 'TI-2026-10001'");
  CHECK(bench.open().entry.incident == "TI-2026-10002");
}

TEST_CASE("what is appended is read, in order, by whoever opens the directory") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  for (const Event& event : events_with("text \"x\" \U0001f600")) {
    bench.timeline.append(incident, key_of('k'), [&](const Chain& chain) {
      Entry entry = entry_of(event);
      entry.seq = 99;  // these are not for the caller to say
      entry.previous = "x";
      entry.incident = "other";
      CHECK(chain.head == chain.entries.back().hash);
      return entry;
    });
  }
  Timeline other{os::posix(), {.directory = bench.directory}};
  const Chain chain = other.read(incident, {crypto::ed25519_public(key_of('k'))});
  CHECK_FALSE(chain.bad);
  REQUIRE(chain.entries.size() == 1 + std::variant_size_v<Event>);
  for (std::size_t i = 0; i < chain.entries.size(); ++i) {
    const Entry& entry = chain.entries[i].entry;
    CHECK(entry.seq == i + 1);
    CHECK(entry.incident == incident);
    CHECK(entry.previous == (i == 0 ? "" : chain.entries[i - 1].hash));
    CHECK((i == 0 || entry.event.index() == i - 1));
  }
  CHECK(chain.head == chain.entries.back().hash);
  CHECK(other.read("TI-2026-0002", anybody).entries.empty());
}

TEST_CASE("directory and files are for their owner alone") {
  Bench bench;
  bench.open();
  using std::filesystem::perms;
  const auto mode = [](const std::filesystem::path& path) {
    return std::filesystem::status(path).permissions();
  };
  CHECK(mode(bench.directory) == perms::owner_all);
  for (const auto& file : std::filesystem::directory_iterator{bench.directory}) {
    CHECK_MESSAGE(mode(file.path()) == (perms::owner_read | perms::owner_write),
                  file.path().native());
  }
}

TEST_CASE("an incident that is not there is told with the nearest") {
  Bench bench;
  const Error none = error_of([&] { bench.timeline.expect("TI-2026-0001"); });
  CHECK(none.code() == Code::usage);
  CHECK(contains(none.hint(), "breach open"));
  bench.open();
  bench.open();
  bench.open("DRILL");
  bench.timeline.expect("TI-2026-0002");
  const Error typed = error_of([&] { bench.timeline.expect("TI-2026-002"); });
  CHECK(typed.code() == Code::usage);
  CHECK(message_of(typed) == "there is no incident TI-2026-002");
  CHECK(typed.hint() == "did you mean TI-2026-0002?");
  CHECK(error_of([&] { bench.timeline.expect("DRIL-2026-0001"); }).hint() ==
        "did you mean DRILL-2026-0001?");
  CHECK(error_of([&] { bench.note("x\n", "y"); }).code() == Code::usage);
  CHECK(message_of(error_of([&] { bench.timeline.expect("a\x1b[1m"); })) ==
        "there is no incident a\\x1B[1m");
}

TEST_CASE("who refuses to make an entry records nothing") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  const std::string head = bench.timeline.read(incident, anybody).head;
  const Error error = error_of([&] {
    bench.timeline.append(incident, key_of('k'), [](const Chain&) -> Entry {
      throw Error{Code::verdict, "no"};
    });
  });
  CHECK(error.code() == Code::verdict);
  CHECK(error_of([&] { bench.note(incident, "\xff"); }).code() == Code::usage);
  const Chain after = bench.timeline.read(incident, anybody);
  CHECK_FALSE(after.bad);
  CHECK(after.entries.size() == 1);
  CHECK(after.head == head);
  CHECK(bench.note(incident, "x").entry.seq == 2);  // and holds no lock
}

TEST_CASE("the database itself refuses to change or forget") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  Database database{bench.directory};
  for (const char* const sql :
       {"UPDATE entry SET line = 'x'", "UPDATE entry SET seq = 9", "DELETE FROM entry",
        "UPDATE OR REPLACE entry SET incident = 'y'"}) {
    CHECK(database.run(sql) == "a timeline is only added to");
  }
  CHECK(contains(database.run("INSERT INTO entry SELECT * FROM entry"), "UNIQUE"));
  CHECK_FALSE(bench.timeline.read(incident, anybody).bad);
}

TEST_CASE("entries that many add at the same time are one whole chain") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  constexpr int threads = 10;
  constexpr int each = 5;
  std::vector<std::string> failures(threads);
  {
    std::vector<std::jthread> running;
    for (int thread = 0; thread < threads; ++thread) {
      running.emplace_back([&, thread] {
        try {
          Timeline own{os::posix(),
                       {.directory = bench.directory, .patience = std::chrono::seconds{60}}};
          for (int i = 0; i < each; ++i) {
            own.append(incident, key_of('k'), [&](const Chain&) {
              return entry_of(Noted{std::to_string(thread) + "." + std::to_string(i)});
            });
          }
        } catch (const std::exception& error) {
          failures[static_cast<std::size_t>(thread)] = error.what();
        }
      });
    }
  }
  CHECK(failures == std::vector<std::string>(threads));
  const Chain chain = bench.timeline.read(incident, anybody);
  CHECK_FALSE(chain.bad);
  REQUIRE(chain.entries.size() == 1 + threads * each);
  std::set<std::string> texts;
  for (std::size_t i = 1; i < chain.entries.size(); ++i) {
    texts.insert(std::get<Noted>(chain.entries[i].entry.event).text);
  }
  CHECK(texts.size() == threads * each);
}

TEST_CASE("incidents that many open at the same time have numbers of their own") {
  const test::TemporaryDirectory root;
  constexpr int threads = 10;
  std::vector<std::string> names(threads);
  {
    std::vector<std::jthread> running;
    for (int thread = 0; thread < threads; ++thread) {
      running.emplace_back([&, thread] {
        try {
          Timeline own{os::posix(),
                       {.directory = root / "new", .patience = std::chrono::seconds{60}}};
          names[static_cast<std::size_t>(thread)] =
              own.open("TI", 2026, key_of('k'), entry_of(Bench::opened())).entry.incident;
        } catch (const std::exception& error) {
          names[static_cast<std::size_t>(thread)] = error.what();
        }
      });
    }
  }
  std::ranges::sort(names);
  CHECK(names.front() == "TI-2026-0001");
  CHECK(names.back() == "TI-2026-0010");
  CHECK(std::ranges::adjacent_find(names) == names.end());
}

TEST_CASE("who waits for another run gives up after a while") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  const auto lock = os::posix().open_for_update(bench.directory / "lock");
  REQUIRE(lock->try_lock(0, 1));
  Timeline hasty{os::posix(),
                 {.directory = bench.directory, .patience = std::chrono::milliseconds{50}}};
  const Error error = error_of(
      [&] { hasty.append(incident, key_of('k'), [](const Chain&) { return entry_of(Noted{}); }); });
  CHECK(error.code() == Code::busy);
  std::stop_source stop;
  stop.request_stop();
  Timeline stopped{os::posix(), {.directory = bench.directory, .stop = stop.get_token()}};
  CHECK_THROWS(
      stopped.append(incident, key_of('k'), [](const Chain&) { return entry_of(Noted{}); }));
  CHECK(bench.timeline.read(incident, anybody).entries.size() == 1);
}

TEST_CASE("heads: behind is a crash, elsewhere is tampering, gone is tolerated") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  const auto heads = bench.directory / "heads.json";
  const std::string behind = test::content_of(heads);
  bench.note(incident, "2");
  const std::string at_two = test::content_of(heads);
  bench.note(incident, "3");
  const std::string whole = test::content_of(heads);
  const auto put = [&](const std::string& text) { bench.root.write("incidents/heads.json", text); };
  const auto bad = [&]() -> std::optional<BadEntry> {
    return bench.timeline.read(incident, anybody).bad;
  };

  put(behind);  // the entry was committed, the head was not
  CHECK_FALSE(bad());
  CHECK(bench.note(incident, "4").entry.seq == 4);
  CHECK_FALSE(bad());

  std::filesystem::remove(heads);
  CHECK_FALSE(bad());
  CHECK(bench.note(incident, "5").entry.seq == 5);
  CHECK(std::filesystem::exists(heads));
  CHECK_FALSE(bad());

  const std::string hash_of_two = bench.timeline.read(incident, anybody).entries[1].hash;
  std::string other = at_two;
  other.replace(other.find(hash_of_two), hash_of_two.size(), std::string(64, '0'));
  put(other);
  REQUIRE(bad());
  CHECK(bad()->seq == 2);
  CHECK(bad()->why == "another entry stood here");

  put("{\"" + incident + "\":{\"seq\":9,\"hash\":\"x\"}}");
  REQUIRE(bad());
  CHECK(bad()->seq == 6);
  CHECK(error_of([&] { bench.note(incident, "6"); }).code() == Code::data);

  for (const std::string& text : std::vector<std::string>{
           "", "{", "null", "[1]", "{\"" + incident + "\":1}", "{\"" + incident + "\":{}}",
           "{\"" + incident + "\":{\"seq\":0,\"hash\":\"x\"}}",
           "{\"" + incident + "\":{\"seq\":\"1\",\"hash\":\"x\"}}",
           "{\"" + incident + "\":{\"seq\":-1,\"hash\":\"x\"}}",
           "{\"" + incident + "\":{\"seq\":1e30,\"hash\":\"x\"}}",
           "{\"" + incident + "\":{\"seq\":1,\"hash\":2}}", "\xff"}) {
    CAPTURE(text);
    put(text);
    if (text == "null") {
      CHECK_FALSE(bad());
      continue;
    }
    const Error error = error_of(bad);
    CHECK(error.code() == Code::data);
    CHECK(contains(message_of(error), "heads.json is damaged"));
  }
}

TEST_CASE("a head that is gone is missed, and kept again with the next entry") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  const auto has_lost_head = [&] { return bench.timeline.read(incident, anybody).has_lost_head; };
  CHECK_FALSE(has_lost_head());
  std::filesystem::remove(bench.directory / "heads.json");
  CHECK_FALSE(has_lost_head());  // as between the first entry and its head
  bench.note(incident, "2");
  bench.note(incident, "3");
  CHECK_FALSE(has_lost_head());
  std::filesystem::remove(bench.directory / "heads.json");
  CHECK(has_lost_head());
  bench.note(incident, "4");
  CHECK_FALSE(has_lost_head());
}

TEST_CASE("a directory that others may write to is refused") {
  Bench bench;
  bench.open();
  for (const unsigned mode : {0777U, 0770U, 0702U}) {
    std::filesystem::permissions(bench.directory, static_cast<std::filesystem::perms>(mode));
    const Error error = error_of([&] {
      const Timeline anew{os::posix(), {.directory = bench.directory}};
    });
    CHECK(error.code() == Code::no_permission);
  }
  std::filesystem::permissions(bench.directory, static_cast<std::filesystem::perms>(0755));
  const Timeline anew{os::posix(), {.directory = bench.directory}};
}

TEST_CASE("an incident that is gone as a whole is missed") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  bench.note(incident, "2");
  Database database{bench.directory};
  database.drop_triggers();
  database.must("DELETE FROM entry");
  CHECK(bench.timeline.incidents() == std::vector{incident});
  const Chain chain = bench.timeline.read(incident, anybody);
  REQUIRE(chain.bad);
  CHECK(chain.bad->seq == 1);
  CHECK(chain.bad->why == "it is not there; there were 2 entries");
  CHECK(error_of([&] { bench.note(incident, "x"); }).code() == Code::data);
  std::filesystem::remove(bench.directory / "incidents.db");
  std::filesystem::remove(bench.directory / "incidents.db-wal");
  std::filesystem::remove(bench.directory / "incidents.db-shm");
  Timeline anew{os::posix(), {.directory = bench.directory}};
  CHECK(anew.read(incident, anybody).bad);
  CHECK(anew.open("TI", 2026, key_of('k'), entry_of(Bench::opened())).entry.incident ==
        "TI-2026-0002");
}

TEST_CASE("a chain that does not open an incident is none") {
  Bench bench;
  const std::string incident =
      bench.timeline.open("TI", 2026, key_of('k'), entry_of(Noted{"x"})).entry.incident;
  const Chain chain = bench.timeline.read(incident, anybody);
  REQUIRE(chain.bad);
  CHECK(chain.bad->seq == 1);
  CHECK(chain.bad->why == "it does not open the incident");
}

TEST_CASE("signers: others' entries do not count") {
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  bench.note(incident, "2");
  bench.timeline.append(incident, key_of('x'), [](const Chain&) { return entry_of(Noted{"3"}); });
  bench.note(incident, "4");
  const auto ours = crypto::ed25519_public(key_of('k'));
  CHECK_FALSE(bench.timeline.read(incident, anybody).bad);
  CHECK_FALSE(bench.timeline.read(incident, {ours, crypto::ed25519_public(key_of('x'))}).bad);
  const Chain chain = bench.timeline.read(incident, {ours});
  REQUIRE(chain.bad);
  CHECK(chain.bad->seq == 3);
  CHECK(chain.bad->why == "nobody whom we trust has signed it");
  CHECK(chain.entries.size() == 2);
}

TEST_CASE("clocks that do not fit together are told") {
  struct Step {
    std::chrono::seconds wall;
    std::chrono::seconds since_boot;
    std::string boot;
    std::string doubt;
  };
  const std::vector<Step> steps{
      {std::chrono::seconds{100}, std::chrono::seconds{100}, "a", ""},
      {std::chrono::seconds{205}, std::chrono::seconds{200}, "a", ""},  // 5 s are tolerated
      {std::chrono::seconds{311}, std::chrono::seconds{300}, "a",
       "between entries 3 and 4 the clock was put forward by 6 s"},
      {std::chrono::seconds{3911}, std::chrono::seconds{400}, "a",
       "between entries 4 and 5 the clock was put forward by 3500 s"},
      {std::chrono::seconds{3921}, std::chrono::seconds{500}, "a",
       "between entries 5 and 6 the clock was put back by 90 s"},
      {std::chrono::seconds{3920}, std::chrono::seconds{501}, "a",
       "between entries 6 and 7 the clock was set back by 1 s"},
      {std::chrono::seconds{90000}, std::chrono::seconds{7}, "b", ""},  // another start
      {std::chrono::seconds{50000}, std::chrono::seconds{7}, "c",
       "between entries 8 and 9 the clock was set back by 40000 s"},
      {std::chrono::seconds{50000}, std::chrono::seconds{7}, "", ""},  // not known
      {std::chrono::seconds{60000}, std::chrono::seconds{7}, "", ""},
  };
  Bench bench;
  Entry first = entry_of(Bench::opened());
  const Time start = first.recorded.wall;
  first.recorded.boot = "a";
  first.recorded.since_boot = {};
  const std::string incident = bench.timeline.open("TI", 2026, key_of('k'), first).entry.incident;
  std::vector<std::string> doubts;
  for (const Step& step : steps) {
    bench.timeline.append(incident, key_of('k'), [&](const Chain&) {
      Entry entry = entry_of(Noted{"x"});
      entry.recorded = {.wall = start + step.wall,
                        .boot = step.boot,
                        .since_boot = step.since_boot,
                        .is_synchronized = false};
      return entry;
    });
    if (!step.doubt.empty()) {
      doubts.push_back(step.doubt);
    }
  }
  const Chain chain = bench.timeline.read(incident, anybody);
  CHECK_FALSE(chain.bad);
  CHECK(chain.doubts == doubts);
}

/// A row of the database, as a forger sees it.
struct Row {
  std::string incident;
  long long seq = 0;
  std::string line;
  std::string hash;
  std::string signer;
  std::string signature;
};

/// Changes a chain that was written once, and says which entry is the first that is bad then.
class Forger {
 public:
  static constexpr std::size_t length = 20;

  Forger(std::vector<Row> rows, std::vector<Row> foreign, std::uint32_t seed)
      : rows_(std::move(rows)), foreign_(std::move(foreign)), random_(seed) {}

  /// The first bad entry. rows() are then what somebody made of the chain.
  std::size_t forge() {
    // The first more often than others: they are read soon, and what comes behind is not read.
    const std::size_t i = below(below(4) == 0 ? length : 4);
    switch (below(12)) {
      case 0:
        what_ = "a byte of the line";
        return flip(i, rows_[i].line);
      case 1:
        what_ = "a byte of the hash";
        return flip(i, rows_[i].hash);
      case 2:
        what_ = "a byte of the signer";
        return flip(i, rows_[i].signer);
      case 3:
        what_ = "a byte of the signature";
        return flip(i, rows_[i].signature);
      case 4:
        what_ = "one is gone";
        rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(i));
        return i + 1;
      case 5:
        what_ = "the end is gone";
        rows_.resize(i);
        return i + 1;
      case 6: {
        what_ = "two have changed places";
        const std::size_t other = (i + 1 + below(length - 1)) % length;
        std::swap(rows_[i].seq, rows_[other].seq);
        return std::min(i, other) + 1;
      }
      case 7: {
        what_ = "one is there twice";
        Row copy = rows_[i];
        copy.seq = static_cast<long long>(length) + 1 + static_cast<long long>(below(2));
        rows_.push_back(copy);
        return length + 1;
      }
      case 8:
        what_ = "one has another number";
        rows_[i].seq = static_cast<long long>(length) + 1 + static_cast<long long>(below(9));
        return i + 1;
      case 9: {
        what_ = "one comes from another incident";
        const long long seq = rows_[i].seq;
        rows_[i] = foreign_[below(foreign_.size())];
        rows_[i].incident = rows_[(i + 1) % length].incident;
        rows_[i].seq = seq;
        return i + 1;
      }
      case 10:
        what_ = "the line is another, with its hash";
        rows_[i].line.insert(rows_[i].line.size() - 1, " ");
        rows_[i].hash = hexadecimal(crypto::sha256(as_bytes(rows_[i].line)));
        return i + 1;
      default:
        what_ = "somebody else has signed another line";
        sign_anew(i);
        return i + 1;
    }
  }

  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  std::size_t below(std::size_t most) { return random_() % most; }

  std::size_t flip(std::size_t i, std::string& text) {
    auto& byte = text[below(text.size())];
    // No NUL: SQL text ends with it.
    char other = byte;
    while (other == byte || other == '\0') {
      other = static_cast<char>(static_cast<unsigned char>(byte) ^ 1U << below(8));
    }
    byte = other;
    return i + 1;
  }

  /// As well as anybody can who does not have the key: all entries from there on.
  void sign_anew(std::size_t from) {
    std::string previous = from == 0 ? "" : rows_[from - 1].hash;
    const crypto::Secret key = key_of('x');
    for (std::size_t i = from; i < rows_.size(); ++i) {
      Row& row = rows_[i];
      Entry entry = read_entry(row.line, row.hash, row.signer, row.signature).entry;
      if (i == from) {
        entry.by.name += "!";
      }
      entry.previous = previous;
      const SignedEntry made = sign_entry(entry, key);
      row.line = made.line;
      row.hash = previous = made.hash;
      row.signer = crypto::base64(made.signer);
      row.signature = crypto::base64(made.signature);
      if (below(2) == 0) {
        break;  // only this one
      }
    }
  }

  std::vector<Row> rows_;
  std::vector<Row> foreign_;
  std::minstd_rand random_;
  std::string what_;
};

TEST_CASE("of thousands of forged chains each is told, with its first bad entry") {
  constexpr std::uint32_t forgeries = 3000;
  Bench bench;
  const std::string incident = bench.open().entry.incident;
  for (std::size_t i = 1; i < Forger::length; ++i) {
    bench.note(incident, "entry " + std::to_string(i + 1));
  }
  const std::string other = bench.open().entry.incident;
  for (std::size_t i = 1; i < Forger::length; ++i) {
    bench.note(other, "entry " + std::to_string(i + 1));
  }
  const std::set<crypto::Ed25519Public> ours{crypto::ed25519_public(key_of('k'))};
  const auto rows_of = [&](const std::string& of) {
    std::vector<Row> rows;
    for (const SignedEntry& each : bench.timeline.read(of, ours).entries) {
      rows.push_back({of, static_cast<long long>(rows.size() + 1), each.line, each.hash,
                      crypto::base64(each.signer), crypto::base64(each.signature)});
    }
    return rows;
  };
  const std::vector<Row> whole = rows_of(incident);
  const std::vector<Row> foreign = rows_of(other);
  REQUIRE(whole.size() == Forger::length);
  REQUIRE(foreign.size() == Forger::length);

  Database database{bench.directory};
  database.drop_triggers();
  database.must("PRAGMA synchronous = OFF");
  const auto quoted = [](std::string text) {
    for (std::size_t i = text.find('\''); i != std::string::npos; i = text.find('\'', i + 2)) {
      text.insert(i, "'");
    }
    return "'" + text + "'";
  };
  const auto put = [&](const std::vector<Row>& rows) {
    std::string sql = "BEGIN; DELETE FROM entry WHERE incident = " + quoted(incident) + ";";
    for (const Row& row : rows) {
      sql += "INSERT INTO entry VALUES (" + quoted(row.incident) + "," + std::to_string(row.seq) +
             "," + quoted(row.line) + "," + quoted(row.hash) + "," + quoted(row.signer) + "," +
             quoted(row.signature) + ");";
    }
    database.must(sql + "COMMIT");
  };
  std::set<std::string> kinds;
  for (std::uint32_t seed = 1; seed <= forgeries; ++seed) {
    Forger forger{whole, foreign, seed * 7919};
    const std::size_t expected = forger.forge();
    put(forger.rows());
    const Chain chain = bench.timeline.read(incident, ours);
    CAPTURE(seed);
    CAPTURE(forger.what());
    REQUIRE(chain.bad);
    CAPTURE(chain.bad->why);
    REQUIRE(chain.bad->seq == expected);
    REQUIRE(chain.entries.size() >= std::min(expected - 1, Forger::length));
    kinds.insert(forger.what());
  }
  CHECK(kinds.size() == 12);
  put(whole);
  CHECK_FALSE(bench.timeline.read(incident, ours).bad);
  CHECK_FALSE(bench.timeline.read(other, ours).bad);
}

}  // namespace
}  // namespace trackier::incident
