#include "postgres/base_backup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/connection.hpp"
#include "postgres/libpq.hpp"

namespace trackier::postgres {
namespace {

constexpr int version_15 = 150000;

[[noreturn]] void fail(const std::string& what) {
  throw Error{Code::data, "not a backup as PostgreSQL sends it: " + what};
}

/// As the grammar of replication commands has it.
std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) {
    out += letter;
    if (letter == '\'') {
      out += '\'';
    }
  }
  return out + "'";
}

std::uint32_t timeline_of(std::string_view text) {
  std::uint32_t timeline = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), timeline);
  if (error != std::errc{} || end != text.data() + text.size() || timeline == 0) {
    fail(fmt::format("a timeline {}", printable(text)));
  }
  return timeline;
}

/// WAIT 0: the WAL is in the backup, so that nobody has to wait until it is archived.
/// TABLESPACE_MAP: a file tells where tablespaces are, instead of links in the archive.
/// 13 and 14 know the command by words, later ones by a list of options.
std::string command(const BaseBackupOptions& options, int version) {
  const bool fast = options.checkpoint == BaseBackupOptions::Checkpoint::fast;
  if (version < version_15) {
    return fmt::format(
        "BASE_BACKUP LABEL {}{} WAL NOWAIT TABLESPACE_MAP MANIFEST 'yes' "
        "MANIFEST_CHECKSUMS 'SHA256'",
        literal(options.label), fast ? " FAST" : "");
  }
  return fmt::format(
      "BASE_BACKUP (LABEL {}, TARGET 'client', CHECKPOINT '{}', WAL, WAIT 0, TABLESPACE_MAP, "
      "MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256', VERIFY_CHECKSUMS)",
      literal(options.label), fast ? "fast" : "spread");
}

/// One value of a result; empty for NULL.
std::string cell(const Result& result, int row, int column) {
  return libpq().getvalue(result.get(), row, column);
}

void expect_table(const Result& result, int least_rows, int least_columns, const char* what) {
  if (!result || libpq().result_status(result.get()) != PGRES_TUPLES_OK ||
      libpq().ntuples(result.get()) < least_rows || libpq().nfields(result.get()) < least_columns) {
    fail(fmt::format("no {}", what));
  }
}

/// Two texts, each ended by a zero, after the letter of a message.
std::pair<std::string, std::string> two_texts(std::string_view message) {
  const std::size_t first = message.find('\0', 1);
  if (first == std::string_view::npos || message.find('\0', first + 1) != message.size() - 1) {
    fail("an archive without a name");
  }
  return {std::string{message.substr(1, first - 1)},
          std::string{message.substr(first + 1, message.size() - first - 2)}};
}

/// "16385.tar" -> "16385"
std::string oid_of(std::string_view archive_name) {
  const std::string_view oid = archive_name.substr(0, archive_name.find('.'));
  const bool digits = std::ranges::all_of(oid, [](char c) { return c >= '0' && c <= '9'; });
  if (oid.empty() || !digits) {
    fail(fmt::format("an archive named {}", printable(archive_name)));
  }
  return std::string{oid};
}

ConnectionOptions for_replication(ConnectionOptions options) {
  options.replication = true;
  return options;
}

}  // namespace

class BaseBackup::State final : public Source {
 public:
  State(const ConnectionOptions& connection, const BaseBackupOptions& options)
      : connection_(for_replication(connection)),
        per_archive_(connection_.server_version() < version_15) {
    const Rows system = connection_.query("IDENTIFY_SYSTEM");
    if (system.size() != 1 || system.front().empty() || !system.front().front()) {
      fail("no system identifier");
    }
    start_.system_identifier = *system.front().front();
    start_.server_version = connection_.server_version();
    connection_.send(command(options, connection_.server_version()));
    const Result begin = connection_.next_result();
    expect_table(begin, 1, 2, "place where it begins");
    start_.lsn = cell(begin, 0, 0);
    start_.timeline = timeline_of(cell(begin, 0, 1));
    read_tablespaces();
    after_copy();
  }

  [[nodiscard]] const BackupStart& start() const noexcept { return start_; }

  std::optional<Archive> next() {
    if (reading_) {
      throw Error{Code::bug, "an archive of a backup was not read to its end"};
    }
    std::optional<Archive> archive = per_archive_ ? next_copy() : next_in_copy();
    reading_ = archive.has_value();
    return archive;
  }

  std::size_t read(MutBytes into) override {
    while (reading_ && at_ == chunk_.size()) {
      read_chunk();
    }
    const std::size_t count = std::min(into.size(), chunk_.size() - at_);
    std::ranges::copy(as_bytes(chunk_).subspan(at_, count), into.begin());
    at_ += count;
    return count;
  }

  BackupEnd finish() {
    if (reading_ || copying_ || !end_) {
      throw Error{Code::bug, "a backup was to be finished before its end"};
    }
    BackupEnd end{.lsn = cell(end_, 0, 0), .timeline = timeline_of(cell(end_, 0, 1))};
    end_.reset();
    try {
      while (connection_.next_result()) {  // the command's own, or what was wrong in the end
      }
    } catch (const Error& error) {
      throw_with_warning(error);
    }
    end.warnings = connection_.notices().texts;
    return end;
  }

 private:
  void read_tablespaces() {
    const Result list = connection_.next_result();
    expect_table(list, 1, 2, "list of tablespaces");
    for (int row = 0; row < libpq().ntuples(list.get()); ++row) {
      const bool cluster = libpq().getisnull(list.get(), row, 0) != 0;
      const Tablespace tablespace{.oid = cell(list, row, 0), .location = cell(list, row, 1)};
      if (!cluster) {
        start_.tablespaces.push_back(tablespace);
      }
      announced_.push_back({.kind = cluster ? Archive::Kind::cluster : Archive::Kind::tablespace,
                            .oid = tablespace.oid,
                            .location = tablespace.location});
    }
    announced_.push_back({.kind = Archive::Kind::manifest});
  }

  /// 13 and 14: a COPY for each tablespace in the order of the list, and one for the manifest.
  std::optional<Archive> next_copy() {
    if (!copying_) {
      if (at_announced_ != announced_.size()) {
        fail("an archive is missing");
      }
      return std::nullopt;
    }
    if (at_announced_ == announced_.size()) {
      fail("more archives than tablespaces");
    }
    return announced_[at_announced_++];
  }

  /// From 15 on: one COPY, whose messages begin with a letter.
  std::optional<Archive> next_in_copy() {
    if (pending_.empty() && copying_) {
      pending_ = next_message();
    }
    const std::string message = std::exchange(pending_, {});
    if (message.empty()) {
      if (!seen_manifest_) {
        fail("the manifest is missing");
      }
      return std::nullopt;
    }
    if (seen_manifest_) {
      fail("something after the manifest");
    }
    if (message.front() == 'm') {
      seen_manifest_ = true;
      return Archive{.kind = Archive::Kind::manifest};
    }
    if (message.front() != 'n') {
      fail("content of no archive");
    }
    auto [name, location] = two_texts(message);
    if (location.empty()) {
      return Archive{.kind = Archive::Kind::cluster};
    }
    return Archive{
        .kind = Archive::Kind::tablespace, .oid = oid_of(name), .location = std::move(location)};
  }

  /// The next message that is not about progress; empty when the copy has ended well.
  std::string next_message() {
    for (;;) {
      std::string message = copied();
      if (message.empty() || message.front() != 'p') {
        return message;
      }
    }
  }

  void read_chunk() {
    at_ = 0;
    chunk_ = per_archive_ ? copied() : next_message();
    if (chunk_.empty()) {
      reading_ = false;
    } else if (per_archive_) {
      return;
    } else if (chunk_.front() == 'd') {
      at_ = 1;
    } else if (chunk_.front() == 'n' || chunk_.front() == 'm') {
      pending_ = std::exchange(chunk_, {});
      reading_ = false;
    } else {
      fail("a message of a kind that is not known");
    }
  }

  std::string copied() {
    if (!copying_) {
      return {};
    }
    std::string message = connection_.copied();
    if (message.empty()) {
      after_copy();
    }
    return message;
  }

  /// What comes after a table or a COPY is a COPY or the last table; or an error, thrown here.
  void after_copy() {
    copying_ = false;
    Result result;
    try {
      result = connection_.next_result();
    } catch (const Error& error) {
      throw_with_warning(error);
    }
    if (result && libpq().result_status(result.get()) == PGRES_COPY_OUT) {
      copying_ = true;
      return;
    }
    expect_table(result, 1, 2, "place where it ends");
    end_ = std::move(result);
  }

  /// Which page was damaged is in a warning, the first of them.
  [[noreturn]] void throw_with_warning(const Error& error) const {
    const std::vector<std::string>& texts = connection_.notices().texts;
    if (error.code() == Code::data && !texts.empty()) {
      throw Error{Code::data, fmt::format("{}: {}", error.what(), texts.front()), error.hint()};
    }
    throw;
  }

  Connection connection_;
  bool per_archive_;
  BackupStart start_;
  std::vector<Archive> announced_;  ///< in order, for per_archive_
  std::size_t at_announced_ = 0;
  bool copying_ = false;  ///< the server is sending a COPY
  bool reading_ = false;  ///< there may be more of the current archive
  bool seen_manifest_ = false;
  std::string pending_;  ///< a message that ended an archive, for it begins another
  std::string chunk_;    ///< what is being read
  std::size_t at_ = 0;   ///< in chunk_
  Result end_;
};

BaseBackup::BaseBackup(const ConnectionOptions& connection, const BaseBackupOptions& options)
    : state_(std::make_unique<State>(connection, options)) {}

BaseBackup::~BaseBackup() = default;

const BackupStart& BaseBackup::started() const noexcept {
  return state_->start();
}

std::optional<Archive> BaseBackup::next() {
  return state_->next();
}

Source& BaseBackup::content() noexcept {
  return *state_;
}

BackupEnd BaseBackup::finish() {
  return state_->finish();
}

}  // namespace trackier::postgres
