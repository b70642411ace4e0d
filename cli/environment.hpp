#pragma once
/// What the process was started with, read once; the library never looks.

#include <filesystem>
#include <optional>
#include <string>

#include "config/settings.hpp"

namespace trackier::cli {

struct Environment {
  std::optional<std::string> config;            ///< TRACKIER_CONFIG
  std::filesystem::path home;                   ///< HOME
  std::filesystem::path config_home;            ///< XDG_CONFIG_HOME
  std::filesystem::path state_home;             ///< XDG_STATE_HOME
  std::filesystem::path credentials_directory;  ///< CREDENTIALS_DIRECTORY
  std::filesystem::path temporary = "/tmp";     ///< TMPDIR
  bool no_color = false;                        ///< NO_COLOR
  std::optional<std::string> sudo_user;         ///< SUDO_USER
  std::optional<std::string> ssh_user_auth;     ///< SSH_USER_AUTH
  std::string editor = "vi";                    ///< VISUAL, else EDITOR
  char* const* variables = nullptr;             ///< all of it, for commands that print keys

  static Environment of_process();

  /// Where the keyring is, unless named, and what is remembered from run to run: of the user, or of
  /// the system for root.
  [[nodiscard]] std::filesystem::path state_directory() const;

  /// Where the settings may be; option: --config.
  [[nodiscard]] config::SettingsPlaces settings_places(
      const std::optional<std::string>& option) const;
};

}  // namespace trackier::cli
