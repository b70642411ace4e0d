// Checking and showing the settings.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "context.hpp"
#include "core/text.hpp"
#include "json_line.hpp"

namespace trackier::cli {
namespace {

// Json(value), never Json{value}: g++ makes an array of one element of the latter.
using Json = nlohmann::ordered_json;

/// What is no UTF-8, a file name for instance, is shown with replacement characters.
int check(Context& context, bool as_json) {
  const config::Settings& settings = context.settings();
  if (as_json) {
    context.out().result(json_line(
        Json{{"file", settings.file.empty() ? Json() : Json(settings.file)}, {"valid", true}}));
  } else if (!context.common().quiet) {
    context.out().result(settings.file.empty() ? "no settings file; the defaults hold\n"
                                               : printable(settings.file) + ": good\n");
  }
  return 0;
}

int show(Context& context, bool as_json) {
  for (const config::Origin& setting : context.settings().origins) {
    context.out().result(
        as_json ? json_line(Json{
                      {"key", setting.key}, {"value", setting.value}, {"origin", setting.from}})
                : fmt::format("{} = {}  # {}\n", setting.key, setting.value, setting.from));
  }
  return 0;
}

Command part(std::string name, std::string summary, std::string about,
             int (*action)(Context&, bool)) {
  auto as_json = std::make_shared<bool>(false);
  Command command{std::move(name), std::move(summary)};
  command.about(std::move(about));
  command.flag("--json", *as_json, "print the result as JSON");
  command.run([as_json, action](Context& context) { return action(context, *as_json); });
  return command;
}

}  // namespace

Command config() {
  Command command{"config", "check the settings, and show which are in force"};
  command.about("Settings are a TOML file; man trackier-ctl.toml describes its keys.");
  command.add(
      part("check", "say whether the settings are right",
           "The whole file is checked; an error names its line and column. Keys are not opened.",
           check));
  command.add(part("show", "print the settings in force and where each comes from",
                   "References to keys are shown, keys never are.", show));
  command.example("trackier-ctl --config samples/config.toml config check");
  return command;
}

}  // namespace trackier::cli
