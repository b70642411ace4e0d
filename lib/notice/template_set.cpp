#include "notice/template_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"
#include "notice/manifest_reader.hpp"
#include "os/whole_file.hpp"
#include "shipped/shipped.hpp"

namespace trackier::notice {
namespace {

constexpr std::string_view manifest_name = "manifest.json";
constexpr std::size_t most_bytes = std::size_t{1} << 20;

SourceFile shipped_file(const std::string& name) {
  const std::optional<std::string_view> text = shipped::file(name);
  if (!text) {
    throw Error{Code::config, fmt::format("there is no file {}", printable(name)),
                "put it beside the manifest"};
  }
  return {.shown = name, .text = std::string{*text}};
}

}  // namespace

TemplateSet TemplateSet::shipped() {
  return ManifestReader::read(shipped_file(std::string{manifest_name}), shipped_file);
}

TemplateSet TemplateSet::load(os::FileSystem& files, const std::filesystem::path& directory) {
  const std::vector<std::filesystem::path> names = files.list(directory);
  const auto file = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), std::filesystem::path{name}) == names.end()) {
      return shipped_file(name);
    }
    const std::filesystem::path path = directory / name;
    return SourceFile{.shown = printable(path.native()),
                      .text = os::read_whole(files, path, most_bytes)};
  };
  return ManifestReader::read(file(std::string{manifest_name}), file);
}

const Template& TemplateSet::find(std::string_view id) const {
  std::vector<std::string> ids;
  for (const Template& text : templates_) {
    if (text.id == id) {
      return text;
    }
    ids.push_back(text.id);
  }
  const std::optional<std::string> near = closest(id, ids);
  throw Error{Code::usage, fmt::format("there is no text {}", printable(id)),
              near ? fmt::format("did you mean {}?", *near)
                   : fmt::format("there are {}", fmt::join(ids, ", "))};
}

const Template* TemplateSet::for_duty(std::string_view duty, bool followup) const {
  const Template* first = nullptr;
  const Template* later = nullptr;
  for (const Template& text : templates_) {
    if (std::find(text.duties.begin(), text.duties.end(), duty) != text.duties.end()) {
      const Template*& place = text.followup_of.empty() ? first : later;
      place = place == nullptr ? &text : place;
    }
  }
  if (!followup || first == nullptr) {
    return first != nullptr ? first : later;
  }
  for (const Template& text : templates_) {
    if (text.followup_of == first->id) {
      return &text;
    }
  }
  return later != nullptr ? later : first;
}

}  // namespace trackier::notice
