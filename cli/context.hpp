#pragma once
/// What a command works with, so that it reaches for nothing global.

#include <filesystem>
#include <optional>
#include <vector>

#include "args.hpp"
#include "audit/record.hpp"
#include "config/settings.hpp"
#include "environment.hpp"
#include "os/file.hpp"
#include "os/signals.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace trackier::cli {

class Context {
 public:
  struct Parts {
    const Command& program;
    const CommonOptions& common;
    const Environment& environment;
    os::FileSystem& files;
    os::Interrupt& interrupt;
    Output& out;
    Progress& progress;
  };

  explicit Context(const Parts& parts) : parts_(parts) {}

  [[nodiscard]] const Command& program() const { return parts_.program; }
  [[nodiscard]] const CommonOptions& common() const { return parts_.common; }
  [[nodiscard]] const Environment& environment() const { return parts_.environment; }
  [[nodiscard]] os::FileSystem& files() const { return parts_.files; }
  [[nodiscard]] os::Interrupt& interrupt() const { return parts_.interrupt; }
  [[nodiscard]] Output& out() const { return parts_.out; }
  [[nodiscard]] Progress& progress() const { return parts_.progress; }

  /// Files that keys still need when they are used, as halves of them: to be in reach of a run that
  /// confines itself.
  [[nodiscard]] std::vector<std::filesystem::path>& read_later() { return read_later_; }

  /// The settings in force, the whole file checked; read once. Throws Error{Code::config}.
  const config::Settings& settings() {
    if (!settings_) {
      settings_ = config::load_settings(files(), environment().settings_places(common().config));
    }
    return *settings_;
  }

  /// Puts a value into the record of how this run ended: `name`, then `name`.2 and so on for
  /// further ones of that name. As many as a record has room for, the first ones.
  void record(const std::string& name, audit::Value value);

  /// What record() was given.
  [[nodiscard]] const audit::Values& recorded() const { return recorded_; }

  /// Whether the process can reach no more than what it was confined to.
  [[nodiscard]] bool is_confined() const { return is_confined_; }
  void set_confined() { is_confined_ = true; }

 private:
  Parts parts_;
  std::optional<config::Settings> settings_;
  audit::Values recorded_;
  std::vector<std::filesystem::path> read_later_;
  bool is_confined_ = false;
};

}  // namespace trackier::cli
