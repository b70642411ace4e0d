#include "sqlite/database_snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <thread>

#include "core/text.hpp"
#include "os/signals.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/wal.hpp"

namespace trackier::sqlite {
namespace {

constexpr std::size_t database_header_bytes = 100;
constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::size_t at_page_bytes = 16;
constexpr std::size_t at_write_version = 18;
constexpr std::size_t at_change_counter = 24;
constexpr std::size_t at_pages = 28;
constexpr std::size_t at_version_valid_for = 92;
constexpr int most_tries = 200;
constexpr std::chrono::milliseconds between_tries{5};

using DatabaseHeader = std::array<std::byte, database_header_bytes>;

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

std::uint32_t big_endian(Bytes bytes, std::size_t offset, std::size_t size) {
  std::uint32_t number = 0;
  for (const std::byte byte : bytes.subspan(offset, size)) {
    number = number << 8U | static_cast<std::uint32_t>(byte);
  }
  return number;
}

/// The file behind all links; SQLite looks for the log beside it.
std::filesystem::path real_path(const std::filesystem::path& path) {
  std::error_code error;
  auto real = std::filesystem::canonical(path, error);
  if (error) {
    throw Error{Code::no_input,
                fmt::format("{}: {}", printable(path.native()), errno_text(error.value()))};
  }
  return real;
}

FileIdentity identity(const os::FileStatus& status) {
  return {.device = status.device,
          .inode = status.inode,
          .size = status.size,
          .modified_ns = status.modified_ns,
          .changed_ns = status.changed_ns};
}

/// A directory that is gone, with what is in it, when the object is.
class ScratchFile {
 public:
  explicit ScratchFile(os::FileSystem& files, const std::filesystem::path& directory)
      : files_(files) {
    for (unsigned number = 0;; ++number) {
      path_ = directory / fmt::format(".snapshot-{}.tmp", number);
      if (auto made = files.create_exclusive(path_, 0600)) {
        return;
      }
    }
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ScratchFile(ScratchFile&&) = delete;
  ScratchFile& operator=(ScratchFile&&) = delete;
  ~ScratchFile() {
    try {
      files_.remove(path_);
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch) the next run sweeps it
    }
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  os::FileSystem& files_;
  std::filesystem::path path_;
};

}  // namespace

DatabaseIdentity identity_of(os::FileSystem& files, const std::filesystem::path& path) {
  const auto real = real_path(path);
  const auto database = files.status(real);
  if (!database) {
    throw Error{Code::no_input, fmt::format("{} is not there", printable(path.native()))};
  }
  DatabaseIdentity made{.database = identity(*database), .log = {}};
  if (const auto log = files.status(with_suffix(real, "-wal"))) {
    made.log = identity(*log);
    made.log->changed_ns = 0;  // SQLite gives the log the database's owner whenever root opens it
  }
  return made;
}

struct DatabaseSnapshot::State {
  std::string shown;
  std::filesystem::path path;
  std::stop_token stop;
  SnapshotOptions options;

  // Closing a file drops every lock that this process has on it (fcntl(2)), SQLite's as well: ours
  // are opened first and closed last, in the reverse order of these members.
  std::unique_ptr<os::File> file;
  os::FileStatus status;
  std::unique_ptr<os::File> log;
  std::unique_ptr<os::File> index;
  std::optional<Connection> connection;  ///< to what read_at() gives
  std::unique_ptr<os::File> copy;        ///< what is read instead, for SnapshotMethod::copy

  WalPages wal;
  std::string journal_mode;
  std::uint32_t page_bytes = 0;
  std::uint64_t pages = 0;
  std::uint64_t missing = 0;

  void open(os::FileSystem& files) {
    for (int tries = 0;; ++tries) {
      connection.reset();
      check_kind(files.status(path));  // opening a pipe would wait for a writer
      file = files.open(path);
      status = file->status();
      check_header();
      // A log that is there belongs to others; one that we bring about goes with us.
      const bool has_log = files.status(with_suffix(path, "-wal")).has_value();
      connection.emplace(path, options.patience, stop, has_log);
      const auto now = files.status(path);
      if (now && now->same_file(status)) {
        return;
      }
      if (tries == most_tries) {
        throw Error{Code::busy, fmt::format("{} is replaced again and again", shown)};
      }
    }
  }

  DatabaseHeader read_header() const {
    DatabaseHeader header{};
    file->read_at(0, header);
    return header;
  }

  void check_kind(const std::optional<os::FileStatus>& found) const {
    if (!found) {
      throw Error{Code::no_input, fmt::format("{} is not there", shown)};
    }
    if (found->kind != os::FileStatus::Kind::regular) {
      throw Error{Code::no_input, fmt::format("{} is not a regular file", shown)};
    }
  }

  void check_header() const {
    check_kind(status);
    if (status.size == 0) {
      throw Error{Code::data, fmt::format("{} is empty: there is nothing to back up", shown),
                  "is it the right file? SQLite makes an empty one for a name that is mistyped"};
    }
    const DatabaseHeader header = read_header();
    if (status.size < database_header_bytes ||
        as_text(Bytes{header}.first(magic.size())) != magic) {
      throw Error{Code::data, fmt::format("{} is not a SQLite database, or it is encrypted", shown),
                  "back encrypted databases up with what encrypts them"};
    }
  }

  /// Asking SQLite would make it read the schema.
  /// https://www.sqlite.org/fileformat2.html#file_format_version_numbers
  bool is_in_wal_mode() {
    constexpr std::byte says_wal{2};
    const bool is = read_header().at(at_write_version) == says_wal;
    journal_mode = is ? "wal" : "rollback";
    return is;
  }

  /// Begins to read, by which a hot journal is rolled back. The schema is not looked at: it may be
  /// what is damaged.
  void begin() {
    connection->execute("BEGIN");
    try {
      connection->column("PRAGMA schema_version");
    } catch (const Error& error) {
      if (error.code() != Code::data) {
        throw;
      }
      connection->execute("ROLLBACK");
      connection->tolerate_damage();
      connection->execute("BEGIN");
      connection->column("PRAGMA schema_version");
    }
  }

  void take_direct(os::FileSystem& files) {
    begin();
    if (!is_in_wal_mode()) {
      measure(0);
      return;
    }
    connection->execute("COMMIT");
    index = files.open(with_suffix(path, "-shm"));
    for (int tries = 0; tries < most_tries; ++tries) {
      os::throw_if_stopped(stop);
      const auto before = read_wal_index_header(*index);
      begin();
      // In between nobody has committed or begun the log anew: then the transaction reads what this
      // header says, and how far the database file is behind it.
      const auto after = read_wal_index_header(*index);
      if (before && after && before->same_commits(*after)) {
        take_wal(files, *after);
        return;
      }
      connection->execute("COMMIT");
      std::this_thread::sleep_for(tries < most_tries / 2 ? std::chrono::milliseconds{0}
                                                         : between_tries);
    }
    throw Error{Code::busy, fmt::format("{}: no moment was found between two commits", shown),
                "set method = \"copy\" for this source"};
  }

  void take_wal(os::FileSystem& files, const WalIndexHeader& header) {
    const DatabaseHeader first = read_header();
    page_bytes = header.most_frame > 0 ? header.page_bytes : page_bytes_in(first);
    if (header.backfilled < header.most_frame) {
      log = files.open(with_suffix(path, "-wal"));
      wal = WalPages{*log, header, page_bytes};
    }
    measure(header.most_frame > 0 ? header.pages : 0);
  }

  static std::uint32_t page_bytes_in(Bytes header) {
    const std::uint32_t bytes = big_endian(header, at_page_bytes, 2);
    return bytes == 1 ? 65536 : bytes;
  }

  /// Throws unless the size of pages is one. known_pages: 0 when the header of the file is to be
  /// asked, https://www.sqlite.org/fileformat2.html#in_header_database_size.
  void measure(std::uint64_t known_pages) {
    const DatabaseHeader header = read_header();
    if (page_bytes == 0) {
      page_bytes = page_bytes_in(header);
    }
    if (page_bytes < 512 || !std::has_single_bit(page_bytes)) {
      throw Error{Code::data, fmt::format("{}: pages of {} bytes cannot be", shown, page_bytes)};
    }
    const std::uint64_t in_file = file->status().size / page_bytes;
    pages = known_pages;
    if (pages == 0) {
      const std::uint64_t said = big_endian(header, at_pages, 4);
      const bool valid = said > 0 && big_endian(header, at_change_counter, 4) ==
                                         big_endian(header, at_version_valid_for, 4);
      pages = valid ? said : in_file;
    }
    std::uint64_t there = pages;
    while (there > in_file && !wal.has(static_cast<std::uint32_t>(there))) {
      --there;
    }
    missing = pages - there;
    pages = there;
  }

  void take_copy(os::FileSystem& files) {
    {
      const ScratchFile scratch{files, options.scratch};
      connection->copy_to(scratch.path());
      copy = files.open(scratch.path());
      connection.emplace(scratch.path(), stop);  // what is asked is what is read
    }
    DatabaseHeader header{};
    copy->read_at(0, header);
    is_in_wal_mode();
    page_bytes = page_bytes_in(header);
    pages = copy->status().size / page_bytes;
  }
};

DatabaseSnapshot::DatabaseSnapshot(os::FileSystem& files, const std::filesystem::path& path,
                                   const SnapshotOptions& options, const std::stop_token& stop)
    : state_(std::make_unique<State>()) {
  state_->shown = printable(path.native());
  state_->path = real_path(path);
  state_->stop = stop;
  state_->options = options;
  state_->open(files);
  if (options.method == SnapshotMethod::copy) {
    state_->take_copy(files);
  } else {
    state_->take_direct(files);
  }
}

DatabaseSnapshot::~DatabaseSnapshot() = default;

std::uint32_t DatabaseSnapshot::page_bytes() const noexcept {
  return state_->page_bytes;
}

std::uint64_t DatabaseSnapshot::bytes() const noexcept {
  return state_->pages * state_->page_bytes;
}

std::uint64_t DatabaseSnapshot::missing_pages() const noexcept {
  return state_->missing;
}

const std::string& DatabaseSnapshot::journal_mode() const noexcept {
  return state_->journal_mode;
}

std::uint64_t DatabaseSnapshot::log_pages() const noexcept {
  return state_->wal.count();
}

const os::FileStatus& DatabaseSnapshot::file_status() const noexcept {
  return state_->status;
}

void DatabaseSnapshot::read_at(std::uint64_t offset, MutBytes into) {
  os::File& file = state_->copy ? *state_->copy : *state_->file;
  const std::size_t got = file.read_at(offset, into);
  const auto first = static_cast<std::uint32_t>(offset / state_->page_bytes + 1);
  // Behind the end of the file are pages that are in the log alone.
  for (std::size_t at = got / state_->page_bytes * state_->page_bytes; at < into.size();
       at += state_->page_bytes) {
    const auto page = first + static_cast<std::uint32_t>(at / state_->page_bytes);
    if (!state_->wal.has(page)) {
      throw Error{Code::data, fmt::format("{} became shorter while it was read", state_->shown),
                  "somebody writes to it without SQLite's locks"};
    }
  }
  if (state_->log) {
    state_->wal.overlay(*state_->log, first, into);
  }
}

std::vector<std::string> DatabaseSnapshot::check(CheckLevel level) {
  std::vector<std::string> said;
  try {
    said = state_->connection->column(level == CheckLevel::quick ? "PRAGMA quick_check(100)"
                                                                 : "PRAGMA integrity_check(100)");
  } catch (const Error& error) {
    if (error.code() != Code::data) {
      throw;
    }
    return {error.what()};
  }
  if (said == std::vector<std::string>{"ok"}) {
    said.clear();
  }
  if (state_->missing > 0) {
    said.push_back(fmt::format("{} pages are missing at the end", state_->missing));
  }
  return said;
}

content::Content DatabaseSnapshot::content(const crypto::MacKey& key,
                                           const ContentOptions& options) {
  return content_of(*state_->connection, key, options, state_->stop);
}

}  // namespace trackier::sqlite
