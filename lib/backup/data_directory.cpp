#include "backup/data_directory.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::backup {
namespace {

using Json = nlohmann::ordered_json;
using Path = std::filesystem::path;

constexpr std::size_t most_settings_bytes = std::size_t{4} << 20U;

/// In the file that the server reads last.
constexpr std::string_view quiet_settings =
    "\n# Added by trackier-ctl restore, so that this copy disturbs nobody; remove what you want.\n"
    "archive_mode = off\n"
    "archive_command = ''\n"
    "restore_command = ''\n"
    "primary_conninfo = ''\n"
    "primary_slot_name = ''\n"
    "max_logical_replication_workers = 0\n";

void write(os::FileSystem& files, const Path& path, const std::string& text) {
  os::ReplaceFile file{files, path, {.replace = true, .sync = false}};
  file.write(as_bytes(text));
  file.finish();
}

/// Tablespaces come as directories below pg_tblspc, where the server wants links. They are moved
/// beside the data directory.
void link_tablespaces(os::FileSystem& files, const Path& directory, const Path& place,
                      const Json& tablespaces, const std::string& aside,
                      std::vector<std::string>& notes) {
  for (const Json& each : tablespaces) {
    const std::string oid = each.value("oid", "");
    if (oid.empty() || oid.find_first_not_of("0123456789") != std::string::npos) {
      throw Error{Code::data, "the backup names a tablespace without a number"};
    }
    const Path inside = directory / "pg_tblspc" / oid;
    files.create_directories(inside, 0700);
    Path beside = std::filesystem::absolute(place);
    beside += fmt::format(".tablespace-{}", oid);
    Path before = beside;
    before += aside;
    if (files.entry(beside) && !aside.empty() && !files.entry(before)) {
      files.rename(beside, before);
      notes.push_back(
          fmt::format("the tablespace that was there is at {} now", printable(before.native())));
    }
    if (files.entry(beside)) {
      throw Error{Code::cannot_create, fmt::format("{} exists", printable(beside.native())),
                  "the tablespace would be restored there; move it away"};
    }
    files.rename(inside, beside);
    files.create_symlink(beside, inside);
    notes.push_back(fmt::format("tablespace {}, which was at {}, is at {}", oid,
                                printable(each.value("location", "")), printable(beside.native())));
  }
}

}  // namespace

std::vector<std::string> prepare_data_directory(os::FileSystem& files, const Path& directory,
                                                const Path& place, const std::string& details,
                                                const std::string& aside) {
  const Json json = Json::parse(details, nullptr, false);
  if (!json.is_object()) {
    throw Error{Code::data, "the backup does not say what it is of"};
  }
  std::vector<std::string> notes;
  const Json tablespaces = json.value("tablespaces", Json::array());
  link_tablespaces(files, directory, place, tablespaces, aside, notes);
  // It would lead the server to where tablespaces were on the other machine.
  files.remove(directory / "tablespace_map");
  for (const char* signal : {"standby.signal", "recovery.signal"}) {
    files.remove(directory / signal);
  }
  const Path settings = directory / "postgresql.auto.conf";
  std::string text =
      files.entry(settings) ? os::read_whole(files, settings, most_settings_bytes) : std::string{};
  text += quiet_settings;
  write(files, settings, text);
  notes.emplace_back(
      "archiving and replication are off in postgresql.auto.conf; remove the lines at its end "
      "when this becomes the real one");
  if (!files.entry(directory / "postgresql.conf")) {
    notes.emplace_back(
        "postgresql.conf and pg_hba.conf were not in the data directory, as on Debian: start it "
        "with those of /etc/postgresql");
  }
  return notes;
}

}  // namespace trackier::backup
