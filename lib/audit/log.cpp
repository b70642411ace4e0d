#include "audit/log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "os/signals.hpp"

namespace trackier::audit {
namespace {

constexpr unsigned private_directory = 0700;
constexpr unsigned private_file = 0600;
constexpr unsigned writable_by_others = 022;

OperationId new_id() {
  OperationId id;
  crypto::random_bytes(id);
  return id;
}

[[noreturn]] void refuse_end(const std::filesystem::path& path, const char* why) {
  throw Error{Code::data, fmt::format("{}: {}", printable(path.native()), why),
              "run audit verify; nothing is recorded, and nothing done, until that is cleared up"};
}

void remove(std::vector<OpenOperation>& open, const OperationId& id) {
  std::erase_if(open, [&](const OpenOperation& each) { return each.id == id; });
}

/// What keeps the log from being written is one thing to callers: Code::io.
template <typename Action>
auto with_log(const Action& action) {
  try {
    return action();
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    const bool is_files = error.code() == Code::no_input || error.code() == Code::cannot_create;
    throw Error{is_files ? Code::io : error.code(), fmt::format("audit log: {}", error.what()),
                error.hint()};
  }
}

/// The last line in `text` that has an end, with the end; all of it when there is but one.
std::string_view last_line(std::string_view text) {
  const std::size_t before = text.substr(0, text.size() - 1).rfind('\n');
  return before == std::string_view::npos ? text : text.substr(before + 1);
}

}  // namespace

/// The end of the log, as it is while nobody else can add to it.
struct Log::Tail {
  Segment segment = 0;         ///< the last one; 0: there is none
  std::uint64_t end = 0;       ///< of its last record
  std::string torn;            ///< what follows there, of a record that was cut short
  std::optional<Record> last;  ///< of the log
  Hash hash{};                 ///< of `last`
  std::unique_ptr<os::File> file;

  [[nodiscard]] std::vector<OpenOperation> open() const {
    return last ? open_after(*last) : std::vector<OpenOperation>{};
  }
};

Log::Log(os::FileSystem& files, LogOptions options, Writer writer)
    : files_(files), options_(std::move(options)), writer_(std::move(writer)) {
  with_log([this] { prepare_directory(); });
}

void Log::prepare_directory() {
  const auto& directory = options_.directory;
  if (!files_.entry(directory)) {
    files_.create_directories(directory, private_directory);
    files_.sync_directory(directory.has_parent_path() ? directory.parent_path() : ".");
  }
  const auto found = files_.entry(directory);
  if (!found || found->kind != os::FileStatus::Kind::directory) {
    throw Error{Code::no_permission,
                fmt::format("{} is not a directory", printable(directory.native())),
                "name the directory itself, not a link to it"};
  }
  if ((found->mode & writable_by_others) != 0) {
    throw Error{Code::no_permission,
                fmt::format("others may write into {}", printable(directory.native())),
                "make its mode 0700"};
  }
}

std::unique_ptr<os::File> Log::hold(bool may_stop) {
  expect_usable();
  return hold_log(files_, options_.directory, options_.patience,
                  may_stop ? options_.stop : std::stop_token{});
}

void Log::expect_usable() const {
  if (failed_) {
    // fsync(2): after a failure the kernel takes pages for clean that never reached the disk, so
    // that the next call succeeds and means nothing.
    throw Error{Code::io, "the audit log could not be written before; this run records no more"};
  }
}

Log::Tail Log::tail_of(const std::vector<Segment>& segments) {
  Tail tail;
  if (segments.empty()) {
    return tail;
  }
  tail.segment = segments.back();
  const auto path = options_.directory / segment_name(tail.segment);
  tail.file = files_.open_for_update(path);
  const std::uint64_t size = tail.file->status().size;
  // Room for what was cut short, the last record and the one before.
  std::string text(std::min<std::uint64_t>(size, 3 * most_line_bytes), '\0');
  const std::uint64_t begin = size - text.size();
  text.resize(tail.file->read_at(begin, std::as_writable_bytes(std::span{text})));
  if (text.size() != size - begin) {
    throw Error{Code::io, fmt::format("{} became shorter", printable(path.native()))};
  }
  std::string_view rest = text;
  const auto parse_last = [&tail](std::string_view line) {
    line.remove_suffix(1);
    tail.hash = leaf_hash(as_bytes(line));
    return parse_record(line, tail.last.emplace());
  };
  if (!rest.empty() && (!rest.ends_with('\n') || !parse_last(last_line(rest)))) {
    const std::string_view cut = last_line(rest);
    if (cut.size() > most_line_bytes) {
      refuse_end(path, "what it ends with is no record, and too long for one that was cut short");
    }
    tail.torn = cut;
    rest.remove_suffix(cut.size());
    tail.last.reset();
  }
  tail.end = size - tail.torn.size();
  if (rest.empty()) {
    auto before = tail_of({segments.begin(), segments.end() - 1});
    if (!before.torn.empty()) {
      refuse_end(path, "the segment before it does not end with a record");
    }
    tail.last = std::move(before.last);
    tail.hash = before.hash;
    return tail;
  }
  if (!tail.last && !parse_last(last_line(rest))) {
    refuse_end(path, "the record before its end is none");
  }
  // What does not follow the record before is not built upon. A line that begins before what was
  // read is no line to compare with.
  const std::string_view earlier = rest.substr(0, rest.size() - last_line(rest).size());
  if (!earlier.empty()) {
    std::string_view line = last_line(earlier);
    const bool is_whole = begin == 0 || line.size() < earlier.size();
    line.remove_suffix(1);
    if (is_whole && leaf_hash(as_bytes(line)) != tail.last->previous) {
      refuse_end(path, "its last record does not follow the one before");
    }
  }
  return tail;
}

Log::Tail Log::read_tail() {
  return tail_of(segments_in(files_, options_.directory));
}

Record Log::draft(Phase phase, const std::string& operation, const OperationId& id,
                  const std::vector<OpenOperation>& open) const {
  const Stamp stamp = writer_.now();
  Record record;
  record.at = stamp.at;
  record.boot_us = stamp.boot_us;
  record.phase = phase;
  record.operation = operation;
  record.id = id;
  record.actor = writer_.actor;
  record.process = writer_.process;
  record.host = writer_.host;
  record.open = open;
  remove(record.open, id);
  return record;
}

void Log::append(Tail& tail, Record record) {
  record.seq = tail.last ? tail.last->seq + 1 : 0;
  record.previous = tail.hash;
  const std::string line = to_text(record);
  const std::string aim =
      fmt::format("recording {} of {} in the audit log", name_of(record.phase), record.operation);
  try {
    write_line(tail, line + '\n');
  } catch (const os::Interrupted&) {
    failed_ = true;
    throw;
  } catch (const Error& error) {
    failed_ = true;
    throw Error{Code::io, fmt::format("{}: {}", aim, error.what()),
                "whether it is recorded is unknown until the log is read again"};
  }
  tail.hash = leaf_hash(as_bytes(line));
  tail.last = std::move(record);
}

void Log::write_line(Tail& tail, const std::string& line) {
  const bool is_full = tail.end != 0 && tail.end + line.size() > options_.segment_bytes;
  if (tail.segment == 0 || (is_full && tail.torn.empty())) {
    if (tail.file) {
      // A run that was killed between write and sync may have left the last record there.
      tail.file->sync_data();
    }
    const Segment next = tail.segment + 1;
    const auto path = options_.directory / segment_name(next);
    auto file = files_.create_exclusive(path, private_file);
    if (!file) {
      refuse_end(path, "it was not there a moment ago");
    }
    file->write_at(0, as_bytes(line));
    file->sync_data();
    files_.sync_directory(options_.directory);
    tail.file = std::move(file);
    tail.segment = next;
    tail.end = line.size();
    return;
  }
  try {
    tail.file->write_at(tail.end, as_bytes(line));
    if (line.size() < tail.torn.size()) {
      tail.file->truncate(tail.end + line.size());
    }
    tail.file->sync_data();
    if (tail.end == 0) {  // whoever made the segment may not have come to this
      files_.sync_directory(options_.directory);
    }
  } catch (const Error&) {
    // The kernel may hold as clean what the disk does not have; nothing is to be built on that. If
    // this fails too, the rest of a line stays, which the next run finds and keeps.
    try {
      if (tail.torn.empty()) {
        tail.file->truncate(tail.end);
      }
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch) the first failure is told
    }
    throw;
  }
  tail.end += line.size();
  tail.torn.clear();
}

void Log::mend(Tail& tail) {
  if (tail.torn.empty()) {
    return;
  }
  const std::uint64_t seq = tail.last ? tail.last->seq + 1 : 0;
  std::string name;
  std::unique_ptr<os::File> kept;
  for (unsigned attempt = 0; !kept; ++attempt) {  // some may be of runs that ended right here
    name = attempt == 0 ? fmt::format("torn-{}", seq) : fmt::format("torn-{}-{}", seq, attempt);
    kept = files_.create_exclusive(options_.directory / name, private_file);
  }
  kept->write(as_bytes(tail.torn));
  kept->sync();
  files_.sync_directory(options_.directory);
  // The record goes where the rest stood, so that it is never gone without a record of it.
  Record record = draft(Phase::recover, "audit.torn", new_id(), tail.open());
  record.args = {{"bytes", tail.torn.size()},
                 {"file", name},
                 {"sha256", hexadecimal(crypto::sha256(as_bytes(tail.torn)))}};
  append(tail, std::move(record));
}

void Log::recover_gone(Tail& tail) {
  for (const OpenOperation& each : tail.open()) {
    if (writer_.is_gone(each.process)) {
      append(tail, draft(Phase::recover, each.operation, each.id, tail.open()));
    }
  }
}

OperationId Log::begin(const std::string& operation, Values args, const std::string& tenant) {
  return with_log([&] {
    const auto held = hold(true);
    Tail tail = read_tail();
    mend(tail);
    recover_gone(tail);
    if (tail.open().size() >= most_open) {
      throw Error{Code::busy,
                  fmt::format("{} operations have begun and not ended", tail.open().size()),
                  "wait for them; give up those that will not end"};
    }
    Record record = draft(Phase::intent, operation, new_id(), tail.open());
    record.args = std::move(args);
    record.tenant = tenant;
    const OperationId id = record.id;
    append(tail, std::move(record));
    return id;
  });
}

void Log::end(const OperationId& id, const std::string& operation, Result result, Values args,
              const std::string& tenant) {
  with_log([&] {
    const auto held = hold(false);
    Tail tail = read_tail();
    mend(tail);
    Record record = draft(Phase::outcome, operation, id, tail.open());
    record.result = std::move(result);
    record.args = std::move(args);
    record.tenant = tenant;
    append(tail, std::move(record));
  });
}

void Log::anchored(std::uint64_t size, const Hash& root, std::uint64_t witnesses) {
  with_log([&] {
    const auto held = hold(false);
    Tail tail = read_tail();
    mend(tail);
    Record record = draft(Phase::anchor, "audit.anchor", new_id(), tail.open());
    record.args = {{"root", hexadecimal(root)}, {"size", size}, {"witnesses", witnesses}};
    append(tail, std::move(record));
  });
}

bool Log::give_up(const OperationId& id) {
  return with_log([&] {
    const auto held = hold(true);
    Tail tail = read_tail();
    mend(tail);
    const auto open = tail.open();
    const auto found = std::ranges::find(open, id, &OpenOperation::id);
    if (found == open.end()) {
      return false;
    }
    append(tail, draft(Phase::recover, found->operation, id, open));
    return true;
  });
}

std::vector<OpenOperation> Log::open_operations() {
  return with_log([&] {
    const auto held = hold(true);
    return read_tail().open();
  });
}

Operation::Operation(Log& log, std::string name, Values args, std::string tenant)
    : log_(log),
      name_(std::move(name)),
      tenant_(std::move(tenant)),
      id_(log.begin(name_, std::move(args), tenant_)) {}

Operation::~Operation() {
  if (!ended_) {
    try {
      log_.end(id_, name_, {.exit = static_cast<std::uint64_t>(Code::bug), .code = "unfinished"},
               {}, tenant_);
    } catch (...) {  // NOLINT(bugprone-empty-catch) the intent stays open, which the next run tells
    }
  }
}

void Operation::succeeded(Values args) {
  ended_ = true;
  log_.end(id_, name_, {.exit = 0, .code = "ok"}, std::move(args), tenant_);
}

void Operation::failed(Code code, Values args) {
  ended_ = true;
  log_.end(id_, name_,
           {.exit = static_cast<std::uint64_t>(code), .code = std::string{word_of(code)}},
           std::move(args), tenant_);
}

std::string_view word_of(Code code) {
  switch (code) {
    case Code::ok:
      return "ok";
    case Code::verdict:
      return "verdict";
    case Code::usage:
      return "usage";
    case Code::data:
      return "data";
    case Code::no_input:
      return "no_input";
    case Code::unavailable:
      return "unavailable";
    case Code::bug:
      return "bug";
    case Code::cannot_create:
      return "cannot_create";
    case Code::io:
      return "io";
    case Code::busy:
      return "busy";
    case Code::no_permission:
      return "no_permission";
    case Code::config:
      return "config";
  }
  return "bug";
}

}  // namespace trackier::audit
