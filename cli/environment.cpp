#include "environment.hpp"

#include <unistd.h>

#include <cstdlib>

namespace trackier::cli {
namespace {

/// An empty variable is as good as none.
std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe) before any thread
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>{value};
}

/// "All paths set in these environment variables must be absolute. If an implementation encounters
/// a relative path in any of these variables it should consider the path invalid and ignore it."
/// (XDG Base Directory Specification 0.8)
std::filesystem::path absolute_or_none(const std::optional<std::string>& value) {
  std::filesystem::path path = value.value_or("");
  return path.is_absolute() ? path : std::filesystem::path{};
}

}  // namespace

Environment Environment::of_process() {
  return {.config = variable("TRACKIER_CONFIG"),
          .home = variable("HOME").value_or(""),
          .config_home = absolute_or_none(variable("XDG_CONFIG_HOME")),
          .state_home = absolute_or_none(variable("XDG_STATE_HOME")),
          .credentials_directory = variable("CREDENTIALS_DIRECTORY").value_or(""),
          .temporary = variable("TMPDIR").value_or("/tmp"),
          .no_color = variable("NO_COLOR").has_value(),
          .sudo_user = variable("SUDO_USER"),
          .ssh_user_auth = variable("SSH_USER_AUTH"),
          .editor = variable("VISUAL").value_or(variable("EDITOR").value_or("vi")),
          .variables = ::environ};
}

std::filesystem::path Environment::state_directory() const {
  if (!state_home.empty()) {
    return state_home / "trackier-ctl";
  }
  if (::geteuid() == 0 || home.empty()) {
    return "/var/lib/trackier-ctl";
  }
  return home / ".local/state/trackier-ctl";
}

config::SettingsPlaces Environment::settings_places(
    const std::optional<std::string>& option) const {
  config::SettingsPlaces places;
  if (option) {
    places.named = *option;
  } else if (config) {
    places.named = *config;
  }
  const std::filesystem::path ours = std::filesystem::path{"trackier-ctl"} / "config.toml";
  if (!config_home.empty()) {
    places.usual.push_back(config_home / ours);
  } else if (!home.empty()) {
    places.usual.push_back(home / ".config" / ours);
  }
  places.usual.push_back("/etc" / ours);
  return places;
}

}  // namespace trackier::cli
