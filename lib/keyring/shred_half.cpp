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
constexpr std::uint64_t longest_half = 4096;

std::optional<crypto::Secret> half_at(os::FileSystem& files, const std::string& place) {
  try {
    return keys::load_key({.scheme = keys::Reference::Scheme::file, .value = place},
                          {.files = files});
  } catch (const Error&) {
    return std::nullopt;  // another place may have it; when none does, that is what is told
  }
}

std::unique_ptr<os::File> open_half(os::FileSystem& files, const std::string& place) {
  auto file = files.open_for_update(place);
  if (file->status().size > longest_half) {
    throw Error{Code::data, "this is no half: it is longer than 4 KiB"};
  }
  return file;
}

bool is_gone(const ShredHalf& half, const std::string& place) {
  return std::ranges::find(half.gone, place) != half.gone.end();
}

/// Fills the report; throws when something failed.
void overwrite(os::FileSystem& files, const ShredHalf& half, PlaceReport& report) {
  if (!files.entry(report.place)) {
    report.acknowledged = is_gone(half, report.place);
    report.note = report.acknowledged ? "overwritten by a run before" : "was not there";
    return;
  }
  const auto file = open_half(files, report.place);
  const std::uint64_t size = std::max<std::uint64_t>(file->status().size, file_bytes);
  std::string noise(size, '\0');
  crypto::random_bytes(std::as_writable_bytes(std::span{noise}));
  file->write_at(0, as_bytes(noise));
  file->sync();
  report.acknowledged = true;
  report.note = "overwritten";
}

void remove_overwritten(os::FileSystem& files, PlaceReport& report) {
  const std::filesystem::path place = report.place;
  if (!report.acknowledged || !files.entry(place)) {
    return;
  }
  files.remove(place);
  files.sync_directory(place.parent_path());
  report.note = "overwritten and removed";
}

/// Does it, or has the report say what failed.
template <typename Step>
void attempt(PlaceReport& report, Step step) {
  try {
    step();
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    report.acknowledged = false;
    report.note = error.what();
  }
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

void check_places_are_free(os::FileSystem& files, const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    if (files.entry(place)) {
      throw Error{Code::cannot_create, fmt::format("{} exists", printable(place)),
                  "it may be another tenant's half: name a new file"};
    }
  }
}

void write_half(os::FileSystem& files, const crypto::Secret& half,
                const std::vector<std::string>& places) {
  check_places_are_free(files, places);
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

void check_destroyable(os::FileSystem& files, const ShredHalf& half) {
  for (const std::string& place : half.places) {
    if (!files.entry(place)) {
      if (is_gone(half, place)) {
        continue;
      }
      throw Error{Code::verdict, fmt::format("{} is not there", printable(place)),
                  "mount its disk; or, if it is lost, pass --accept-silent-places"};
    }
    try {
      open_half(files, place);
      const os::ReplaceFile removable{files, place, {.replace = true}};  // a name beside it
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      throw Error{Code::verdict,
                  fmt::format("{} cannot be destroyed: {}", printable(place), error.what()),
                  "see to it; or, if the half cannot be reached there, pass "
                  "--accept-silent-places"};
    }
  }
}

std::vector<PlaceReport> overwrite_half(os::FileSystem& files, const ShredHalf& half) {
  std::vector<PlaceReport> reports;
  for (const std::string& place : half.places) {
    PlaceReport& report = reports.emplace_back(PlaceReport{.place = place});
    attempt(report, [&] { overwrite(files, half, report); });
  }
  return reports;
}

void remove_half(os::FileSystem& files, std::vector<PlaceReport>& reports) {
  for (PlaceReport& report : reports) {
    attempt(report, [&] { remove_overwritten(files, report); });
  }
}

std::vector<PlaceReport> destroy_half(os::FileSystem& files,
                                      const std::vector<std::string>& places) {
  auto reports = overwrite_half(files, {.places = places});
  remove_half(files, reports);
  return reports;
}

}  // namespace trackier::keyring
