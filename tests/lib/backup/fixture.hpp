#pragma once
/// A source in memory, and everything a run needs around it.

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "backup/backup_run.hpp"
#include "backup/restore.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/random.hpp"
#include "crypto/x25519.hpp"
#include "store/directory.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::test {

/// Files by name. Those with a page size are given as pages.
struct FakeFile {
  std::string content;
  std::uint32_t page_bytes = 0;
};
using FakeFiles = std::map<std::string, FakeFile>;

class FakeDatabase final : public backup::Database {
 public:
  FakeFiles files;
  std::string says;  ///< the mark
  bool damaged = false;
  bool offsets = true;
  int snapshots = 0;
  int checks = 0;
  int digests = 0;
  bool has_content = false;  ///< whether it can be digested
  std::string fails;         ///< message of what finish() throws

  [[nodiscard]] std::string kind() const override { return "sqlite"; }
  std::string mark(std::int64_t /*now_ns*/) override { return says; }
  std::unique_ptr<backup::Snapshot> snapshot(const backup::Wanted& wanted,
                                             const std::stop_token& /*stop*/) override {
    ++snapshots;
    checks += wanted.check ? 1 : 0;
    digests += wanted.content != nullptr ? 1 : 0;
    return std::make_unique<Taken>(*this, wanted);
  }

 private:
  class Taken final : public backup::Snapshot {
   public:
    Taken(const FakeDatabase& database, const backup::Wanted& wanted)
        : database_(database), wanted_(wanted), files_(database.files), next_(files_.begin()) {}

    std::optional<backup::Member> next() override {
      if (next_ == files_.end()) {
        return std::nullopt;
      }
      backup::Member member;
      member.name = next_->first;
      current_ = &next_->second;
      if (current_->page_bytes != 0) {
        member.kind = backup::MemberKind::pages;
        member.page_bytes = current_->page_bytes;
        member.size = current_->content.size();
      }
      ++next_;
      at_ = 0;
      return member;
    }
    [[nodiscard]] bool has_offsets() const override { return database_.offsets; }
    void read_at(std::uint64_t offset, MutBytes into) override {
      // With offsets a worker may still read the file before the one that is current.
      const std::string& content =
          database_.offsets ? files_.begin()->second.content : current_->content;
      std::ranges::copy(as_bytes(content).subspan(offset, into.size()), into.begin());
    }
    std::size_t read(MutBytes into) override {
      const std::size_t count =
          std::min({into.size(), current_->content.size() - at_, std::size_t{70'001}});
      std::ranges::copy(as_bytes(current_->content).subspan(at_, count), into.begin());
      at_ += count;
      return count;
    }
    backup::Finished finish() override {
      if (!database_.fails.empty()) {
        throw Error{Code::unavailable, database_.fails};
      }
      backup::Finished finished{.details = "{\"fake\":true}",
                                .check = wanted_.check
                                             ? (database_.damaged ? "check failed" : "check ok")
                                             : "not checked",
                                .damaged = wanted_.check && database_.damaged};
      if (database_.has_content && wanted_.content != nullptr) {
        finished.content = {.objects = {{.kind = "table", .name = "t", .rows = 1, .value = "ab"}},
                            .unchecked = {}};
      }
      return finished;
    }

   private:
    const FakeDatabase& database_;
    backup::Wanted wanted_;
    FakeFiles files_;
    FakeFiles::iterator next_;
    const FakeFile* current_ = nullptr;
    std::size_t at_ = 0;
  };
};

/// Collects what is restored.
class FakeTarget final : public backup::RestoreTarget {
 public:
  FakeTarget() : directory_(std::make_unique<TemporaryDirectory>()) {}

  os::File* begin(const backup::Member& member) override {
    name_ = member.name;
    path_ = *directory_ / ("file" + std::to_string(number_++));
    file_ = os::posix().create_exclusive(path_, 0600);
    return file_.get();
  }
  void end(const backup::Member& /*member*/) override {
    file_.reset();
    content[name_] = content_of(path_);
  }

  std::map<std::string, std::string> content;

 private:
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<os::File> file_;
  std::filesystem::path path_;
  std::string name_;
  int number_ = 0;
};

/// A store, a host, and a clock that is moved by hand.
struct World {
  TemporaryDirectory directory;
  os::FileSystem& files;
  store::StoreDirectory store;
  store::SourceDirectory source;
  backup::HostState state;
  backup::ChainFile chain_file;
  crypto::Secret signing_key = crypto::new_ed25519_key();
  crypto::Secret recipient = crypto::new_x25519_key();
  Time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{10}};
  std::vector<std::string> warnings;
  backup::RunOptions options;

  explicit World(os::FileSystem& given = os::posix())
      : files(given),
        store(store::StoreDirectory::open_or_create(os::posix(), directory / "store")),
        source(given, directory / "store" / "sources" / "shop", store.id()),
        state(given, directory / "state"),
        chain_file(given, state.chain_file(), nullptr) {
    source.create();
    state.create();
    options.recipients = {envelope::public_key_recipient(crypto::x25519_public(recipient))};
    options.sealed_for = "r";
    options.workers = 2;
  }

  backup::RunResult back_up(backup::Database& database) {
    const auto lock = source.lock(store::Lock::write);
    backup::RunEvents events;
    events.warn = [this](const std::string& text) { warnings.push_back(text); };
    const backup::RunPlace place{
        .files = files,
        .source = source,
        .state = state,
        .chain_file = chain_file,
        .signing_key = signing_key,
        .now_ns = [this] { return std::chrono::nanoseconds{now.time_since_epoch()}.count(); }};
    return backup::back_up(database, place, options, events, {});
  }

  std::map<std::string, std::string> restore(const store::Manifest& manifest) {
    const envelope::Identities identities{
        envelope::private_key_identity(crypto::Secret::copy_of(recipient.bytes()))};
    backup::BackupReader reader{files, source, manifest,
                                backup::open_chain(files, source, manifest.chain, identities)};
    FakeTarget target;
    backup::restore(reader, target, 2, [](std::uint64_t) {}, {});
    return std::move(target.content);
  }

  void check_restores(const store::Manifest& manifest, const FakeFiles& expected) {
    const auto content = restore(manifest);
    REQUIRE(content.size() == expected.size());
    for (const auto& each : expected) {
      CHECK_MESSAGE((content.at(each.first) == each.second.content), each.first);
    }
  }
};

/// Bytes that do not compress, the same for the same seed.
inline std::string noise(std::size_t size, unsigned seed) {
  std::minstd_rand random{seed + 1};
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random() >> 7U);
  }
  return bytes;
}

}  // namespace trackier::test
