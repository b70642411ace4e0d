#include "anonymize_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "anonymize/addresses.hpp"
#include "anonymize/log_format.hpp"
#include "anonymize_modes.hpp"
#include "config/names.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "keyring_access.hpp"
#include "keys/epoch_key.hpp"
#include "keys/reference.hpp"
#include "os/terminal.hpp"

namespace trackier::cli {
namespace {

using codec::Encoding;

constexpr std::string_view make_a_key =
    "make one: (umask 077; openssl rand -hex 32 > pseudonym.key), and pass --key "
    "file:pseudonym.key";

[[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) {
  throw Error{Code::usage, what, hint};
}

Encoding encoding_for(const AnonymizeOptions& options,
                      const std::optional<std::filesystem::path>& output) {
  if (options.compress && *options.compress != "auto") {
    return *codec::encoding_named(*options.compress);
  }
  return output ? codec::encoding_of_file_name(output->native()) : Encoding::none;
}

std::vector<Task> tasks_of(const AnonymizeOptions& options) {
  std::vector<std::string> inputs = options.inputs;
  if (inputs.empty()) {
    inputs.emplace_back("-");
  }
  if (std::ranges::count(inputs, "-") > 1) {
    refuse("standard input can be read once", "give - once");
  }
  if (options.output && inputs.size() > 1) {
    refuse("-o takes one input", "use --out-dir for several");
  }
  std::map<std::filesystem::path, std::string> taken;
  std::vector<Task> tasks;
  for (const std::string& input : inputs) {
    Task task{.input = input, .output = {}};
    if (options.output && *options.output != "-") {
      task.output = *options.output;
    } else if (options.output_directory) {
      const auto name = std::filesystem::path{input}.filename();
      if (input == "-" || name.empty()) {
        refuse(fmt::format("--out-dir needs named inputs, and {} has no name", printable(input)),
               "use -o");
      }
      task.output = std::filesystem::path{*options.output_directory} / name;
      const auto [place, fresh] = taken.emplace(*task.output, input);
      if (!fresh) {
        refuse(fmt::format("{} and {} would both become {}", printable(place->second),
                           printable(input), printable(task.output->native())),
               "anonymize them into different directories");
      }
    }
    task.encoding = encoding_for(options, task.output);
    tasks.push_back(std::move(task));
  }
  return tasks;
}

void check_terminal(const AnonymizeOptions& options, const std::vector<Task>& tasks) {
  const bool compressed = tasks.front().encoding != Encoding::none && !tasks.front().output;
  if (compressed && !options.output && !options.check && !options.dry_run &&
      os::is_terminal(os::Stream::output)) {
    refuse("compressed bytes are nothing for a terminal", "pass -o FILE, or -o - if you mean it");
  }
}

void check_tenant_name(const std::string& tenant) {
  if (!config::is_name(tenant)) {
    refuse(fmt::format("--tenant: {} is not a name", printable(tenant)), config::what_a_name_is);
  }
}

const config::Tenant* tenant_in(const config::Settings& settings, const AnonymizeOptions& options) {
  if (!options.tenant) {
    return nullptr;
  }
  check_tenant_name(*options.tenant);
  const auto found = settings.tenants.find(*options.tenant);
  return found == settings.tenants.end() ? nullptr : &found->second;
}

anonymize::Profile choose_profile(const config::Settings& settings, const AnonymizeOptions& options,
                                  const config::Tenant* tenant) {
  std::string name = settings.anonymize.profile;
  if (tenant != nullptr && !tenant->profile.empty()) {
    name = tenant->profile;
  }
  name = options.profile.value_or(name);
  if (name.empty()) {
    return anonymize::built_in_profile();
  }
  const auto found = settings.profiles.find(name);
  if (found != settings.profiles.end()) {
    return found->second;
  }
  std::vector<std::string> names;
  for (const auto& [known, profile] : settings.profiles) {
    names.push_back(known);
  }
  refuse(fmt::format("--profile: the settings have no profile {}", printable(name)),
         settings.file.empty() ? "no settings file was found; name one with --config"
         : names.empty()       ? fmt::format("{} has no profiles", printable(settings.file))
                               : config::suggestion(name, names));
}

/// What becomes of addresses that are found, as the command line says.
void choose_addresses(const AnonymizeOptions& options, anonymize::Profile& profile) {
  for (const std::string& network : options.keep_networks) {
    if (!anonymize::Networks{}.add(network)) {
      refuse(fmt::format("--keep-network: {} is no network", printable(network)),
             "write it like 10.0.0.0/8, fd00::/8 or private");
    }
    profile.keep_networks.push_back(network);
  }
  if (!options.addresses) {
    return;
  }
  auto transform = anonymize::truncation_preset(*options.addresses);
  if (!transform) {
    transform = anonymize::Transform{.action = *anonymize::action_named(*options.addresses)};
  }
  using anonymize::Kind;
  for (const Kind kind : {Kind::ipv4, Kind::ipv6, Kind::ip}) {
    profile.transforms[kind] = *transform;
  }
}

/// Where the key is; none: nobody has named one.
std::optional<keys::Reference> key_reference(const config::Settings& settings,
                                             const AnonymizeOptions& options,
                                             const config::Tenant* tenant,
                                             const anonymize::Profile& profile) {
  if (options.key) {
    return keys::parse_reference(*options.key);
  }
  const std::string& name = tenant != nullptr && !tenant->key.empty() ? tenant->key : profile.key;
  if (!name.empty()) {
    return keys::parse_reference(settings.keys.at(name), Code::config);
  }
  if (options.tenant) {
    throw Error{Code::no_permission, fmt::format("tenant {} has no key", *options.tenant),
                std::string{make_a_key}};
  }
  return std::nullopt;
}

std::string checked_log_format(const std::string& text) {
  try {
    anonymize::compile_log_format(text);
  } catch (const Error& error) {
    refuse(fmt::format("--log-format: {}", error.what()), error.hint());
  }
  return text;
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

std::unique_ptr<risk::LogSurvey> survey_of(const AnonymizeOptions& options, const HashKey& key) {
  if (options.risk.empty()) {
    return nullptr;
  }
  risk::LogQuestion question{.combinations = {}, .id = options.risk_id, .sizes = {}};
  for (const std::string& fields : options.risk) {
    question.combinations.push_back(split_at_commas(fields));
  }
  return std::make_unique<risk::LogSurvey>(std::move(question), key);
}

/// Of a profile what says how records are read; everything is kept.
anonymize::Profile only_reading(const anonymize::Profile& profile) {
  anonymize::Profile reading;
  reading.name = profile.name;
  reading.format = profile.format;
  reading.log_format = profile.log_format;
  reading.known_names = false;
  return reading;
}

std::optional<PeriodUnit> epoch_of(const AnonymizeOptions& options,
                                   const anonymize::Profile& profile,
                                   const std::optional<keys::AnyKey>& key) {
  const auto wanted = options.epoch ? period_unit_named(*options.epoch) : profile.epoch;
  const auto* const epoch_key = key ? std::get_if<keys::EpochKey>(&*key) : nullptr;
  if (epoch_key == nullptr) {
    return wanted;
  }
  const PeriodUnit unit = epoch_key->oldest().unit;
  if (wanted && *wanted != unit) {
    refuse(
        fmt::format("the key is of periods of a {}, not of a {}", name_of(unit), name_of(*wanted)),
        "leave --epoch out, or make a key with \"keys epoch new\"");
  }
  return unit;
}

/// Without a key, with one of this run.
std::unique_ptr<anonymize::Epochs> epochs_with(std::optional<keys::AnyKey> key, PeriodUnit unit,
                                               const std::string& tenant) {
  constexpr std::size_t key_bytes = 32;
  const auto shared = std::make_shared<keys::AnyKey>(
      key ? std::move(*key) : keys::AnyKey{crypto::random_secret(key_bytes)});
  const auto last = std::make_shared<std::optional<keys::EpochKey>>();  // from where it is not far
  return std::make_unique<anonymize::Epochs>(
      unit,
      [shared, last](const Period& period) -> std::optional<crypto::Secret> {
        if (const auto* const epoch_key = std::get_if<keys::EpochKey>(shared.get())) {
          const bool is_later = *last && (*last)->oldest() <= period;
          *last = (is_later ? **last : *epoch_key).from(period);
          return period < epoch_key->oldest() ? std::nullopt : (*last)->key_of(period);
        }
        return keys::period_key(std::get<crypto::Secret>(*shared).bytes(), period);
      },
      tenant);
}

std::optional<Period> fixed_period(const AnonymizeOptions& options,
                                   const std::optional<PeriodUnit>& epoch) {
  if (!options.epoch_at) {
    return std::nullopt;
  }
  if (!epoch) {
    refuse("--epoch-at names a period, and there are none", "give --epoch, too");
  }
  const auto period = parse_period(*options.epoch_at);
  if (!period || period->unit != *epoch) {
    refuse(fmt::format("--epoch-at: {} is no {}", printable(*options.epoch_at), name_of(*epoch)),
           fmt::format("write it like {}", to_text(period_of(*epoch, now()))));
  }
  return period;
}

}  // namespace

void add_risk_options(Command& command, AnonymizeOptions& options) {
  command.option("--risk", options.risk, "FIELD,...",
                 "print how many people share what these fields say");
  command.option("--risk-id", options.risk_id, "FIELD", "the field that says whose a record is");
  command
      .option("--risk-with", options.risk_with, "FILE",
              "print how much of that is in another log as well")
      .offers(Offer::files);
  command.option("--risk-k", options.risk_k, "N", "exit 1 if groups have fewer than N people", 2,
                 128);
  command.option("--risk-share", options.risk_share, "PERCENT",
                 "of groups that may be smaller than that", 0, 100);
}

void add_source_options(Command& command, AnonymizeOptions& options) {
  command.option("--format", options.format, "FORMAT", "format of the inputs")
      .one_of({"auto", "plain", "common", "combined", "json", "csv", "tsv", "logfmt", "syslog",
               "w3c", "cloudfront", "elb", "alb", "haproxy", "zeek"});
  command.option("--log-format", options.log_format, "STRING",
                 "format, as log_format or LogFormat of the server");
  command.option("--profile", options.profile, "NAME", "rules from the settings");
  command.option("--tenant", options.tenant, "NAME",
                 "a tenant's own pseudonyms, that join no other's");
  command.option("--key", options.key, "REFERENCE",
                 "where the key for pseudonyms is, as file:PATH");
  command.option("--epoch", options.epoch, "UNIT", "a key of its own for each")
      .one_of({"day", "week", "month"});
  command.option("--epoch-at", options.epoch_at, "PERIOD",
                 "the period of all records, whatever they say");
}

std::function<anonymize::TimeReference()> times_of(const os::FileStatus& input) {
  const std::chrono::days ahead{1};  // clocks of others
  if (input.kind != os::FileStatus::Kind::regular) {
    return [ahead] { return anonymize::TimeReference{.nearest = now(), .latest = now() + ahead}; };
  }
  const Time modified{
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds{input.modified_ns})};
  const anonymize::TimeReference fixed{.nearest = std::min(modified, now()),
                                       .latest = now() + ahead};
  return [fixed] { return fixed; };
}

AnonymizePlan make_plan(Context& context, const AnonymizeOptions& options) {
  check_modes(options);
  std::vector<Task> tasks = tasks_of(options);
  check_terminal(options, tasks);

  const config::Settings& settings = context.settings();
  const config::Tenant* const tenant = tenant_in(settings, options);
  anonymize::Profile profile = choose_profile(settings, options, tenant);
  profile.person_names = profile.person_names || options.names;
  choose_addresses(options, profile);
  if (measures_input(options)) {
    profile = only_reading(profile);
  }
  const bool needs_no_key = measures_input(options) || options.compare;
  const auto reference =
      needs_no_key ? std::nullopt : key_reference(settings, options, tenant, profile);
  if (!reference && !needs_no_key && !options.check && !options.dry_run &&
      anonymize::makes_tokens(profile)) {
    throw Error{Code::no_permission, "tokens need a key that is named: nobody could undo them",
                std::string{make_a_key}};
  }
  anonymize::JobOptions job{.min_share = settings.anonymize.min_parsed, .check = options.check};
  if (options.log_format) {
    profile.log_format = checked_log_format(*options.log_format);
  } else if (options.format) {
    profile.log_format.clear();
    profile.format.reset();
  }
  if (options.format && *options.format != "auto") {
    job.format = anonymize::format_named(*options.format);
  }
  const unsigned threads = options.threads.value_or(settings.anonymize.threads);
  job.workers = threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : threads;
  std::optional<keys::AnyKey> key;
  if (reference) {
    key = load_any_key_of(context, *reference);
  }
  const auto epoch = needs_no_key ? std::nullopt : epoch_of(options, profile, key);
  job.period = fixed_period(options, epoch);
  const std::string owner = options.tenant.value_or("");
  std::unique_ptr<anonymize::Epochs> epochs;
  auto pseudonymizer = anonymize::Pseudonymizer::with_random_key();
  if (epoch) {
    epochs = epochs_with(std::move(key), *epoch, owner);
    job.epochs = epochs.get();
  } else if (reference) {
    pseudonymizer = anonymize::Pseudonymizer{std::get<crypto::Secret>(*key).bytes(), owner};
  }
  HashKey of_survey{};
  if (!options.risk.empty()) {
    crypto::random_bytes(of_survey);
  }
  anonymize::Profile reading = only_reading(profile);
  return {.profile = std::move(profile),
          .pseudonymizer = std::move(pseudonymizer),
          .epochs = std::move(epochs),
          .random_key = !reference,
          .job = job,
          .tasks = std::move(tasks),
          .survey = survey_of(options, of_survey),
          .other = options.risk_with ? survey_of(options, of_survey) : nullptr,
          .reading = std::move(reading),
          .measures_input = measures_input(options)};
}

}  // namespace trackier::cli
