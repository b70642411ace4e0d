#include "keyring/shred_half.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "crypto/random.hpp"
#include "keys/reference.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"

namespace trackier::keyring {
namespace {

constexpr std::size_t file_bytes = 2 * secret_bytes + 1;

std::optional<crypto::Secret> half_at(os::FileSystem& files, const std::string& place) {
  try {
    return keys::load_key({.scheme = keys::Reference::Scheme::file, .value = place},
                          {.files = files});
  } catch (const Error&) {
    return std::nullopt;  // another place may have it; when none does, that is what is told
  }
}

/// Fills the report; throws when something failed.
void overwrite_and_remove(os::FileSystem& files, PlaceReport& report) {
  const std::filesystem::path place = report.place;
  if (!files.entry(place)) {
    report.note = "was not there";
    return;
  }
  const auto file = files.open_for_update(place);
  const std::uint64_t size = std::max<std::uint64_t>(file->status().size, file_bytes);
  if (size > 4096) {
    throw Error{Code::data, "this is no half: it is longer than 4 KiB"};
  }
  std::string noise(size, '\0');
  crypto::random_bytes(std::as_writable_bytes(std::span{noise}));
  file->write_at(0, as_bytes(noise));
  file->sync();
  files.remove(place);
  files.sync_directory(place.parent_path());
  report.acknowledged = true;
  report.note = "overwritten and removed";
}

}  // namespace

HalfProvider halves_in_places(os::FileSystem& files) {
  return [&files](const Tenant& tenant) -> std::optional<crypto::Secret> {
    for (const std::string& place : tenant.half->places) {
      auto half = half_at(files, place);
      if (half && id_of_half(*half) == tenant.half->id) {
        return half;
      }
    }
    return std::nullopt;
  };
}

void write_half(os::FileSystem& files, const crypto::Secret& half,
                const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    if (files.entry(place)) {
      throw Error{Code::cannot_create, fmt::format("{} exists", printable(place)),
                  "it may be another tenant's half: name a new file"};
    }
  }
  const crypto::Secret text = keys::key_file_text(half);
  std::vector<std::string> written;
  try {
    for (const std::string& place : places) {
      os::ReplaceFile file{files, place};
      file.write(text.bytes());
      file.finish();
      written.push_back(place);
    }
  } catch (...) {
    destroy_half(files, written);  // of a half that nothing needs
    throw;
  }
}

std::vector<PlaceReport> destroy_half(os::FileSystem& files,
                                      const std::vector<std::string>& places) {
  std::vector<PlaceReport> reports;
  for (const std::string& place : places) {
    PlaceReport report{.place = place};
    try {
      overwrite_and_remove(files, report);
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      report.note = error.what();
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace trackier::keyring
