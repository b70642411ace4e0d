// The command that says in one screen whether all is well.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "commands.hpp"
#include "core/text.hpp"
#include "durations.hpp"
#include "json_line.hpp"
#include "keyring_access.hpp"
#include "os/process.hpp"
#include "os/replace_file.hpp"
#include "status_part.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> sources;
  std::optional<std::string> store;
  std::optional<std::string> max_age;
  std::optional<std::string> max_verified_age;
  std::optional<std::string> prometheus;
  bool json = false;
};

StatusLimits limits_of(const Options& options) {
  StatusLimits made;
  if (options.max_age) {
    made.age = duration_of(*options.max_age, "--max-age");
  }
  if (options.max_verified_age) {
    made.verified_age = duration_of(*options.max_verified_age, "--max-verified-age");
  }
  return made;
}

/// The same of several.
StatusParts looking_at_all(const char* part, const std::function<StatusParts()>& look) {
  StatusParts made;
  const StatusPart failure = looking(part, {}, [&] {
    made = look();
    return StatusPart{};
  });
  if (!failure.is_well) {
    made.push_back(failure);
  }
  return made;
}

StatusParts look(Context& context, const Options& options) {
  const StatusLimits limits = limits_of(options);
  static_cast<void>(context.settings());  // wrong ones are told before anything is looked at
  const auto sources = [&] {
    return status_of_sources(context, options.sources, options.store, limits);
  };
  if (!options.sources.empty() || options.store) {
    return sources();
  }
  StatusParts made = looking_at_all("sources", sources);
  const auto add = [&](const char* part, StatusParts (*of)(Context&)) {
    std::ranges::move(looking_at_all(part, [&] { return of(context); }), std::back_inserter(made));
  };
  add("keys", status_of_keys);
  add("audit", status_of_audit);
  add("alerts", status_of_alerts);
  add("incidents", status_of_incidents);
  add("disk", status_of_disks);
  return made;
}

std::string text_of(const StatusPart& part) {
  return fmt::format("{:8}  {}{}{}: {}{}{}\n", part.is_well ? "well" : "NOT WELL", part.part,
                     part.subject.empty() ? "" : " ", part.subject, part.found,
                     part.cure.empty() ? "" : "; cure: ", part.cure);
}

std::string json_of(const StatusPart& part) {
  Json json{{"part", part.part},
            {"subject", part.subject.empty() ? Json() : Json(part.subject)},
            {"well", part.is_well},
            {"found", part.found},
            {"cure", part.cure.empty() ? Json() : Json(part.cure)}};
  json.update(part.details);
  return json_line(json);
}

void write_metrics(Context& context, const std::string& path, const StatusParts& parts) {
  constexpr unsigned for_all_to_read = 0644;
  os::ReplaceFile file{context.files(), path, {.replace = true, .mode = for_all_to_read}};
  file.write(as_bytes(prometheus_text(parts, now())));
  file.finish();
}

int run(Context& context, const Options& options) {
  const StatusParts parts = look(context, options);
  const bool is_to_output = options.prometheus == "-";
  if (is_to_output) {
    context.out().result(prometheus_text(parts, now()));
  } else if (options.prometheus) {
    write_metrics(context, *options.prometheus, parts);
  }
  for (const StatusPart& part : parts) {
    if (options.json) {
      context.out().result(json_of(part));
    } else if (!options.prometheus) {
      context.out().result(text_of(part));
    }
  }
  const bool is_well = std::ranges::all_of(parts, &StatusPart::is_well);
  return static_cast<int>(is_well ? Code::ok : Code::verdict);
}

}  // namespace

StatusPart looking(const std::string& part, const std::string& subject,
                   const std::function<StatusPart()>& look) {
  try {
    return look();
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    return {.part = part,
            .subject = subject,
            .is_well = false,
            .found = fmt::format("cannot be looked at: {}", error.what()),
            .cure = error.hint()};
  }
}

void add_found(StatusPart& part, const std::string& found, bool is_well, std::string_view cure) {
  part.found += (part.found.empty() ? "" : ", ") + found;
  part.is_well = part.is_well && is_well;
  if (!is_well && part.cure.find(cure) == std::string::npos) {
    part.cure += fmt::format("{}{}", part.cure.empty() ? "" : "; ", cure);
  }
}

Command status() {
  auto options = std::make_shared<Options>();
  Command command{"status", "say in one screen whether all is well"};
  command.about(
      "A line for each source, the keys, the audit log, channels of alerts, open incidents and\n"
      "disks, which begins with what is to be known: well, or NOT WELL. Exit 0 when all is. With "
      "a\n"
      "SOURCE or --store of sources alone. Changes nothing; what it needs no key for, it looks "
      "at.");
  command.positionals("SOURCE", options->sources, "all, and everything else, without any");
  command.option("--max-age", options->max_age, "TIME",
                 "how old the newest sound backup may be: 90m; otherwise as its schedule wants");
  command.option(
      "--max-verified-age", options->max_verified_age, "TIME",
      "how old the last verification that passed may be: 8d; otherwise check.drill_days");
  command.option("--store", options->store, "DIRECTORY", "the store; otherwise as the settings say")
      .offers(Offer::files);
  command
      .option("--prometheus", options->prometheus, "FILE",
              "write metrics for a textfile collector, and print nothing")
      .offers(Offer::files);
  command.flag("--json", options->json, "print a line of JSON for each");
  command.example("trackier-ctl status");
  command.example("trackier-ctl status --max-age 90m --max-verified-age 8d shop");
  command.example(
      "trackier-ctl status --prometheus /var/lib/prometheus/node-exporter/trackier.prom");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return run(context, *options);
  });
  return command;
}

}  // namespace trackier::cli
