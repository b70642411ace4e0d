#include "log_count.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "envelope/sealed_sizes.hpp"
#include "inputs.hpp"
#include "os/file_stream.hpp"
#include "sealed_source.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::json;

std::string digest_of(const std::vector<incident::Counted>& counts) {
  Json list = Json::array();
  for (const incident::Counted& each : counts) {
    list.push_back({{"tenant", each.tenant},
                    {"country", each.country},
                    {"exposures", each.exposures},
                    {"records", each.records},
                    {"people_lower", each.people_lower},
                    {"people_upper", each.people_upper}});
  }
  return hexadecimal(crypto::sha256(as_bytes(list.dump())));
}

void take_cells(const std::vector<scope::Cell>& cells, std::vector<incident::Counted>& into) {
  for (const scope::Cell& cell : cells) {
    into.push_back({.tenant = printable(cell.tenant),
                    .country = printable(cell.country),
                    .exposures = cell.exposures,
                    .records = cell.records,
                    .people_lower = cell.people_lower,
                    .people_upper = cell.people_upper});
  }
}

}  // namespace

std::vector<std::string> log_files(Context& context, const std::vector<std::string>& patterns) {
  std::set<std::string> found;
  for (const std::string& pattern : patterns) {
    glob_t matches{};
    const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches);
    for (std::size_t i = 0; result == 0 && i < matches.gl_pathc; ++i) {
      found.insert(matches.gl_pathv[i]);
    }
    ::globfree(&matches);
    if (result != 0) {
      throw Error{
          Code::no_input, fmt::format("no file is called {}", printable(pattern)),
          "a pattern goes in quotes; a count without files would say that nobody is touched"};
    }
  }
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> names;  // by device and inode
  std::vector<std::string> files;
  for (const std::string& path : found) {
    const auto status = context.files().status(path);
    const auto [first, is_new] = status
                                     ? names.emplace(std::pair{status->device, status->inode}, path)
                                     : std::pair{names.end(), true};
    if (is_new) {
      files.push_back(path);
    } else {
      context.out().note(
          fmt::format("{} is {}, and counted once", printable(path), printable(first->second)));
    }
  }
  return files;
}

incident::ScopeCounted LogCount::run(incident::ScopeCounted asked,
                                     const std::vector<std::string>& files,
                                     AffectedPeople& affected) {
  scope::Request request{
      .from = asked.from,
      .to = asked.to,
      .exposed = scope::Expression::parse(asked.exposed),
      .person_fields = asked.person_fields,
      .tenant_field = asked.tenant_field,
      .country_field = asked.country_field,
      .time_field = asked.time_field,
      .threads = options_.threads.value_or(std::max(1U, std::thread::hardware_concurrency()))};
  scope::Counter counter{std::move(request), affected.key()};
  for (const std::string& path : files) {
    doing(printable(path), [&] { add(counter, path); });
  }
  scope::Result result = counter.finish();
  for (scope::InputFile& each : result.inputs) {
    asked.inputs.push_back({.name = printable(each.name, std::string::npos),
                            .bytes = each.bytes,
                            .lines = each.lines,
                            .sha256 = each.sha256});
  }
  asked.lines = result.lines;
  asked.unparsed = result.unparsed;
  asked.untimed = result.untimed;
  asked.untimed_exposed = result.untimed_exposed;
  asked.outside_window = result.outside_window;
  asked.matched = result.matched;
  asked.without_tenant = result.without_tenant;
  asked.without_person = result.without_person;
  take_cells(result.tenants, asked.counts);
  std::vector<incident::Counted> countries;
  take_cells(result.countries, countries);
  std::ranges::copy_if(countries, std::back_inserter(asked.counts),
                       [](const incident::Counted& each) { return !each.country.empty(); });
  asked.sha256 = digest_of(asked.counts);
  result_ = std::move(result);
  return asked;
}

void LogCount::fetch_identities(const std::vector<std::string>& files) {
  const auto is_sealed = [](const std::string& path) { return path.ends_with(envelope_suffix); };
  if (!identities_ && std::ranges::any_of(files, is_sealed)) {
    identities_ = identities_of(context_, options_.identities);
  }
}

void LogCount::add(scope::Counter& counter, const std::string& path) {
  const auto file = context_.files().open(path);
  if (path.ends_with(envelope_suffix)) {
    fetch_identities({path});
    SealedSource source{*file, *identities_, printable(path)};
    counter.add(path, source, context_.interrupt().token());
  } else {
    os::FileSource source{*file};
    counter.add(path, source, context_.interrupt().token());
  }
  os::throw_if_interrupted();
}

}  // namespace trackier::cli
