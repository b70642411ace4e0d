#include "audit/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "os/signals.hpp"

namespace trackier::audit {
namespace {

constexpr unsigned private_file = 0600;

OperationId new_id() {
  OperationId id;
  crypto::random_bytes(id);
  return id;
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

}  // namespace

Log::Log(os::FileSystem& files, LogOptions options, Writer writer)
    : files_(files), options_(std::move(options)), writer_(std::move(writer)) {
  with_log([this] { prepare_directory(files_, options_.directory); });
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
      fmt::format("recording {} of {}", name_of(record.phase), record.operation);
  try {
    write_line(tail, line + '\n');
  } catch (const os::Interrupted&) {
    failed_ = true;
    throw;
  } catch (const Error& error) {
    failed_ = true;
    throw Error{Code::io, fmt::format("{}: {}", aim, error.what()),
                "make room, or mend what keeps it from being written, and try again; trackier-ctl "
                "audit verify says whether it is recorded all the same"};
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
      throw Error{Code::io, fmt::format("{} was not there a moment ago", printable(path.native()))};
    }
    file->write_at(0, as_bytes(line));
    file->sync_data();
    files_.sync_directory(options_.directory);
    if (next == 1) {  // a run that made the directory may not have come to this
      files_.sync_directory(parent_of(options_.directory));
    }
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
    Tail tail = read_tail(files_, options_.directory);
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
    Tail tail = read_tail(files_, options_.directory);
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
    Tail tail = read_tail(files_, options_.directory);
    mend(tail);
    Record record = draft(Phase::anchor, "audit.anchor", new_id(), tail.open());
    record.args = {{"root", hexadecimal(root)}, {"size", size}, {"witnesses", witnesses}};
    append(tail, std::move(record));
  });
}

bool Log::give_up(const OperationId& id) {
  return with_log([&] {
    const auto held = hold(true);
    Tail tail = read_tail(files_, options_.directory);
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
    return read_tail(files_, options_.directory).open();
  });
}

}  // namespace trackier::audit
