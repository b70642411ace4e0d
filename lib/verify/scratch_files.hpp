#pragma once
/// Restoring into a scratch place: what a power cut would take is of no interest, so nothing is
/// synced. Of interest inside this area only.

#include <filesystem>
#include <memory>
#include <string>

#include "backup/restore.hpp"
#include "os/file.hpp"

namespace trackier::verify {

/// One member as a file, the others nowhere.
class ScratchFile final : public backup::RestoreTarget {
 public:
  ScratchFile(os::FileSystem& files, std::filesystem::path path, std::string member);

  os::File* begin(const backup::Member& member) override;
  void end(const backup::Member& member) override;

 private:
  os::FileSystem& files_;
  std::filesystem::path path_;
  std::string member_;
  std::unique_ptr<os::File> file_;
};

/// A target that is removed before the disk would have it.
class Fleeting final : public backup::RestoreTarget {
 public:
  explicit Fleeting(backup::RestoreTarget& target) : target_(target) {}

  os::File* begin(const backup::Member& member) override { return target_.begin(member); }
  void end(const backup::Member& member) override { target_.end(member); }
  [[nodiscard]] bool is_kept() const override { return false; }

 private:
  backup::RestoreTarget& target_;
};

}  // namespace trackier::verify
