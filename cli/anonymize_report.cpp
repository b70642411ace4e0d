#include "anonymize_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/text.hpp"
#include "json_line.hpp"

namespace trackier::cli {
namespace {

using anonymize::Tally;
// Json(value), never Json{value}: g++ makes an array of one element of the latter.
using Json = nlohmann::ordered_json;

constexpr std::string_view built_in = "built-in";

/// What is no UTF-8, a file name for instance, is shown with replacement characters.
std::string_view profile_name(const AnonymizeReport& report) {
  return report.profile.name.empty() ? built_in : std::string_view{report.profile.name};
}

Tally total_of(const AnonymizeReport& report) {
  Tally total{report.profile};
  for (const FileReport& file : report.files) {
    total += file.tally;
  }
  return total;
}

/// By rule, where there are any.
Json counts_object(const anonymize::Profile& profile, const std::vector<std::uint64_t>& counts) {
  Json object = Json::object();
  for (std::size_t rule = 0; rule < counts.size(); ++rule) {
    if (counts[rule] > 0) {
      object[anonymize::rule_name(profile, rule)] = counts[rule];
    }
  }
  return object;
}

void put_counts(Json& json, const Tally& tally) {
  json["lines"] = tally.lines;
  json["records"] = tally.records;
  json["unparsed"] = tally.unparsed;
  json["dropped"] = tally.dropped;
  json["bytes_in"] = tally.bytes_in;
  json["bytes_out"] = tally.bytes_out;
}

std::uint64_t rate(std::uint64_t bytes, double seconds) {
  return seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds) : 0;
}

std::string plural(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

std::string_view action_of(const anonymize::Profile& profile, std::size_t rule) {
  return anonymize::name_of(anonymize::transform_of(profile, rule).action);
}

std::string key_phrase(const AnonymizeReport& report) {
  if (report.has_periods) {
    return "of each period";
  }
  if (!report.key_id) {
    return "none needed";
  }
  return report.random_key ? "random, for this run" : "id " + *report.key_id;
}

std::string residual_text(const anonymize::Profile& profile, const Tally& total) {
  std::string out;
  for (std::size_t rule = 0; rule < total.residual.size(); ++rule) {
    if (total.residual[rule] > 0) {
      out += fmt::format("{}  {}: {}\n", out.empty() ? "still there:\n" : "",
                         printable(anonymize::rule_name(profile, rule)),
                         grouped(total.residual[rule]));
    }
  }
  return out.empty() ? "looked at again: nothing is left\n" : out;
}

std::string periods_text(const AnonymizeReport& report) {
  std::string out = report.periods.empty() ? "" : "keys of periods:\n";
  for (const auto& [period, key_id] : report.periods) {
    out += fmt::format("  {}  {}\n", to_text(period),
                       !key_id             ? "destroyed"
                       : report.random_key ? "random, for this run"
                                           : "id " + *key_id);
  }
  return out;
}

Json periods_list(const AnonymizeReport& report) {
  Json list = Json::array();
  for (const auto& [period, key_id] : report.periods) {
    list.push_back({{"period", to_text(period)}, {"key_id", key_id ? Json(*key_id) : Json()}});
  }
  return list;
}

void record_counts(Context& context, const anonymize::Profile& profile, const std::string& name,
                   const std::vector<std::uint64_t>& counts) {
  const auto sum = [&counts](std::size_t from, std::size_t to) {
    return std::accumulate(counts.begin() + static_cast<std::ptrdiff_t>(from),
                           counts.begin() + static_cast<std::ptrdiff_t>(to), std::uint64_t{0});
  };
  const auto record = [&](std::string_view what, std::uint64_t count) {
    if (count > 0) {
      context.record(fmt::format("{}.{}", name, what), audit::Value{count});
    }
  };
  context.record(name, audit::Value{sum(0, counts.size())});
  for (const anonymize::Kind kind : anonymize::all_kinds) {
    record(anonymize::name_of(kind), counts[static_cast<std::size_t>(kind)]);
  }
  const std::size_t fields = profile.fields.size();
  record("field", sum(anonymize::kinds, anonymize::kinds + fields));
  record("pattern", sum(anonymize::kinds + fields, counts.size()));
}

}  // namespace

std::string text_of(const AnonymizeReport& report) {
  const Tally total = total_of(report);
  std::string out;
  for (const FileReport& file : report.files) {
    out += printable(file.input);
    if (file.output) {
      out += " -> " + printable(*file.output);
    }
    out += fmt::format(": {}, {}, {}", anonymize::name_of(file.format),
                       plural(file.tally.lines, "line"), human_bytes(file.tally.bytes_in));
    if (file.tally.unparsed > 0) {
      out += fmt::format(", {} unparsed", grouped(file.tally.unparsed));
    }
    if (file.tally.dropped > 0) {
      out += fmt::format(", {} dropped", grouped(file.tally.dropped));
    }
    out += "\n";
  }
  std::size_t width = 0;
  for (std::size_t rule = 0; rule < total.replaced.size(); ++rule) {
    if (total.replaced[rule] > 0) {
      width = std::max(width, printable(anonymize::rule_name(report.profile, rule)).size());
    }
  }
  const bool any = width > 0;
  out += report.dry_run ? (any ? "would replace:\n" : "would replace nothing\n")
                        : (any ? "replaced:\n" : "replaced nothing\n");
  for (std::size_t rule = 0; rule < total.replaced.size(); ++rule) {
    if (total.replaced[rule] > 0) {
      out += fmt::format("  {:<{}}  {:>11}  {}\n",
                         printable(anonymize::rule_name(report.profile, rule)), width,
                         grouped(total.replaced[rule]), action_of(report.profile, rule));
    }
  }
  if (!report.dry_run) {
    out += residual_text(report.profile, total);
  }
  out += periods_text(report);
  out += fmt::format("{} in {}, profile {}, key {}\n", plural(total.lines, "line"),
                     plural(report.files.size(), "file"), profile_name(report), key_phrase(report));
  out += fmt::format("rules {}\n", report.rule_set);
  if (!report.dry_run) {
    out += fmt::format("{} in {:.3f} s, {}/s\n", human_bytes(total.bytes_in), report.seconds,
                       human_bytes(rate(total.bytes_in, report.seconds)));
  }
  return out;
}

std::string json_of(const AnonymizeReport& report) {
  const Tally total = total_of(report);
  Json json;
  json["command"] = "anonymize";
  json["dry_run"] = report.dry_run;
  json["profile"] = profile_name(report);
  json["rule_set"] = report.rule_set;
  json["tenant"] = report.tenant ? Json(*report.tenant) : Json();
  json["key_id"] = report.key_id ? Json(*report.key_id) : Json();
  json["key_source"] = report.random_key ? "random" : "configured";
  json["periods"] = report.has_periods ? periods_list(report) : Json();
  json["files"] = Json::array();
  for (const FileReport& file : report.files) {
    Json each;
    each["input"] = file.input;
    each["output"] = file.output ? Json(*file.output) : Json();
    each["format"] = anonymize::name_of(file.format);
    each["compression"] = codec::name(file.encoding);
    put_counts(each, file.tally);
    each["replaced"] = counts_object(report.profile, file.tally.replaced);
    json["files"].push_back(std::move(each));
  }
  put_counts(json, total);
  json["replaced"] = counts_object(report.profile, total.replaced);
  json["residual"] = report.dry_run ? Json() : counts_object(report.profile, total.residual);
  json["seconds"] = report.seconds;
  json["bytes_per_second"] = rate(total.bytes_in, report.seconds);
  return json_line(json);
}

std::string json_of(const std::string& input, const anonymize::Finding& finding,
                    const std::string& rule) {
  return json_line(
      Json{{"file", input}, {"line", finding.line}, {"column", finding.column}, {"kind", rule}});
}

void record_in(Context& context, const AnonymizeReport& report, const RecordOptions& options) {
  const Tally total = total_of(report);
  context.record("rule_set", report.rule_set);
  if (report.key_id) {
    context.record("key", *report.key_id);
  }
  context.record("lines", audit::Value{total.lines});
  record_counts(context, report.profile, options.only_found ? "found" : "replaced", total.replaced);
  if (options.looked_again) {
    record_counts(context, report.profile, "residual", total.residual);
  }
  for (const auto& [period, key_id] : report.periods) {  // as many as there is room for
    context.record("key", fmt::format("{}:{}", to_text(period), key_id.value_or("destroyed")));
  }
}

bool made_pseudonyms(const anonymize::Profile& profile, const Tally& tally) {
  for (std::size_t rule = 0; rule < tally.replaced.size(); ++rule) {
    if (tally.replaced[rule] > 0 && anonymize::needs_key(anonymize::transform_of(profile, rule))) {
      return true;
    }
  }
  return false;
}

}  // namespace trackier::cli
