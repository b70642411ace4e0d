// Keys of pseudonyms that end: made, listed, destroyed, and shown to be gone.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "anonymize/transformer.hpp"
#include "confirmation.hpp"
#include "core/text.hpp"
#include "json_line.hpp"
#include "keyring_access.hpp"
#include "keys.hpp"
#include "keys/epoch_key.hpp"
#include "private_file.hpp"

namespace trackier::cli::keys_verbs {
namespace {

using Json = nlohmann::ordered_json;
using anonymize::Kind;
using keys::EpochKey;

struct Options {
  std::string key;
  std::string pseudonym;
  std::optional<std::string> unit;
  std::optional<std::string> period;
  std::optional<unsigned> keep;
  std::optional<std::string> output;
  std::optional<std::string> tenant;
  std::optional<std::string> kind;
  std::optional<std::string> reason;
  bool force = false;
  bool yes = false;
  bool dry_run = false;
  bool json = false;
};

Period period_in(const std::string& option, const std::string& text, PeriodUnit unit) {
  const auto period = parse_period(text);
  if (!period || period->unit != unit) {
    throw Error{Code::usage, fmt::format("{}: {} is no {}", option, printable(text), name_of(unit)),
                fmt::format("write it like {}", to_text(period_of(unit, now())))};
  }
  return *period;
}

Period present(PeriodUnit unit) {
  return period_of(unit, now());
}

EpochKey load(Context& context, const std::string& text) {
  keys::AnyKey key = load_any_named_key(context, text);
  if (auto* const epoch_key = std::get_if<EpochKey>(&key)) {
    return std::move(*epoch_key);
  }
  throw Error{Code::no_permission,
              fmt::format("{}: this key has no periods, and no end", printable(text)),
              "\"keys epoch new\" makes one that has"};
}

int run_new(Context& context, const Options& options) {
  const PeriodUnit unit = *period_unit_named(*options.unit);
  const Period oldest = options.period ? period_in("--from", *options.period, unit) : present(unit);
  if (oldest > present(unit)) {
    throw Error{Code::usage, fmt::format("--from: {} has not begun", to_text(oldest)),
                "records of today would have no key"};
  }
  write_private_file(context, *options.output, EpochKey::fresh(oldest).text().bytes(),
                     {.replace = options.force, .inputs = {}});
  context.out().caveat(
      fmt::format("{}: whoever keeps a copy can make the pseudonyms of {} and of "
                  "every {} after it",
                  printable(*options.output), to_text(oldest), name_of(unit)));
  return 0;
}

/// That of the oldest period of the key.
anonymize::Pseudonymizer pseudonymizer_of(const EpochKey& key,
                                          const std::optional<std::string>& tenant) {
  return {key.key_of(key.oldest())->bytes(), tenant.value_or("")};
}

int run_list(Context& context, const Options& options) {
  const EpochKey key = load(context, options.key);
  const Period last = std::max(present(key.oldest().unit), key.oldest());
  EpochKey at = key.from(key.oldest());
  for (Period period = key.oldest(); period <= last; ++period.number) {
    at = at.from(period);
    const std::string id = pseudonymizer_of(at, options.tenant).key_id();
    context.out().result(options.json ? json_line(Json{{"period", to_text(period)}, {"key_id", id}})
                                      : fmt::format("{}  id {}\n", to_text(period), id));
  }
  context.out().detail(
      fmt::format("before {} there is no key: pseudonyms are final", to_text(key.oldest())));
  return 0;
}

/// The oldest period that is to stay.
Period wanted_oldest(const Options& options, PeriodUnit unit) {
  if (options.period.has_value() == options.keep.has_value()) {
    throw Error{Code::usage, "what is to be destroyed?", "give --before PERIOD, or --keep N"};
  }
  Period oldest = present(unit);
  if (options.keep) {
    oldest.number -= *options.keep - 1;
    return oldest;
  }
  const Period named = period_in("--before", *options.period, unit);
  if (named > oldest) {
    throw Error{Code::usage,
                fmt::format("--before: {} is later than the present, whose key would be destroyed",
                            to_text(named)),
                fmt::format("the latest is {}", to_text(oldest))};
  }
  return named;
}

int run_destroy(Context& context, const Options& options) {
  const auto file = key_file_of(options.key);
  if (!file) {
    throw Error{Code::usage, fmt::format("{} is no file", printable(options.key)),
                "a key is destroyed where it is kept"};
  }
  const EpochKey key = load(context, options.key);
  const Period oldest = wanted_oldest(options, key.oldest().unit);
  if (oldest <= key.oldest()) {
    context.out().detail(
        fmt::format("nothing to destroy: the oldest period is {} already", to_text(key.oldest())));
    return 0;
  }
  const Period last{.unit = oldest.unit, .number = oldest.number - 1};
  const std::string periods = key.oldest() == last
                                  ? to_text(last)
                                  : fmt::format("{} to {}", to_text(key.oldest()), to_text(last));
  if (options.dry_run) {
    context.out().result(
        fmt::format("{}: the key of {} would be destroyed\n", printable(file->native()), periods));
    return 0;
  }
  if (!options.yes) {
    confirm(context, fmt::format("The key of {} would be destroyed for ever", periods),
            to_text(oldest), "pass --yes to do it");
  }
  keys::destroy_before(context.files(), *file, oldest, now());
  context.record("first", to_text(key.oldest()));
  context.record("last", to_text(last));
  context.out().caveat(
      fmt::format("the pseudonyms of {} are final; copies of {} still have the key", periods,
                  printable(file->native())));
  return 0;
}

crypto::Secret value_on_standard_input() {
  constexpr std::size_t longest = 64 * 1024;
  crypto::Secret room{longest};
  const auto input = os::standard_input();
  std::size_t size = 0;
  for (std::size_t got = 1; got > 0 && size < longest; size += got) {
    got = input->read(room.writable().subspan(size));
  }
  Bytes value = room.bytes().first(size);
  for (const std::byte end : {std::byte{'\n'}, std::byte{'\r'}}) {
    if (!value.empty() && value.back() == end) {
      value = value.first(value.size() - 1);
    }
  }
  if (value.empty() || size == longest) {
    throw Error{Code::usage, "standard input is to hold the value, one line",
                "printf %s VALUE | trackier-ctl keys epoch check ..."};
  }
  return crypto::Secret::copy_of(value);
}

Kind kind_of(const Options& options, std::string_view value) {
  anonymize::Uuid uuid{};
  if (!options.kind) {
    if (anonymize::parse_uuid(value, uuid)) {
      return Kind::uuid;
    }
    throw Error{Code::usage, "of what kind is the value?", "name it with --kind, as --kind email"};
  }
  const auto kind = anonymize::kind_named(*options.kind);
  if (!kind) {
    throw Error{Code::usage, fmt::format("--kind: there is no kind {}", printable(*options.kind)),
                "trackier-ctl-anonymize(1) lists them"};
  }
  return *kind;
}

/// What may have made the pseudonym.
anonymize::Transform transform_of(const std::string& pseudonym) {
  using anonymize::Action;
  const bool hex = pseudonym.find_first_not_of("0123456789abcdef-") == std::string::npos;
  switch (hex ? pseudonym.size() : 0) {
    case 16:
      return {.action = Action::hash, .bits = 64};
    case 32:
    case 36:
      return {.action = Action::hash};
    case 64:
      return {.action = Action::hash, .bits = 256};
    default:
      return {.action = Action::pseudonym};
  }
}

int run_check(Context& context, const Options& options) {
  const EpochKey key = load(context, options.key);
  const crypto::Secret value = value_on_standard_input();
  const std::string_view text = as_text(value.bytes());
  const Kind kind = kind_of(options, text);
  const anonymize::Transform transform = transform_of(options.pseudonym);
  const Period last = std::max(present(key.oldest().unit), key.oldest());
  std::optional<Period> found;
  EpochKey at = key.from(key.oldest());
  for (Period period = key.oldest(); period <= last && !found; ++period.number) {
    at = at.from(period);
    const anonymize::Pseudonymizer pseudonymizer = pseudonymizer_of(at, options.tenant);
    anonymize::Transformer transformer{pseudonymizer, {}};
    std::string made;
    transformer.append(transform, kind, anonymize::Form::plain, text, made);
    if (made == options.pseudonym) {
      found = period;
    }
  }
  const std::string range = key.oldest() == last
                                ? to_text(last)
                                : fmt::format("{} to {}", to_text(key.oldest()), to_text(last));
  if (options.json) {
    context.out().result(json_line(Json{{"period", found ? Json(to_text(*found)) : Json()},
                                        {"oldest", to_text(key.oldest())},
                                        {"newest", to_text(last)}}));
  } else {
    context.out().result(found
                             ? fmt::format("{}: the pseudonym is of this value\n", to_text(*found))
                             : fmt::format("{}: the pseudonym is of another value\n", range) +
                                   fmt::format("before {}: there is no key; nobody can tell\n",
                                               to_text(key.oldest())));
  }
  return found ? 0 : static_cast<int>(Code::verdict);
}

}  // namespace

Command make_epoch() {
  Command command{"epoch", "keys of pseudonyms that end with a day, week or month"};
  command.about(
      "Such a key leads forward alone: from the key of a period follow those of later ones.\n"
      "Destroying it makes the pseudonyms of all earlier periods final.");
  const auto making = std::make_shared<Options>();
  Command make = verb("new", "make a key with periods",
                      "Its oldest period is the present one, or that of --from.", making, run_new);
  make.option("--unit", making->unit, "UNIT", "how long a period is")
      .one_of({"day", "week", "month"})
      .required();
  make.option("--from", making->period, "PERIOD", "the oldest, as 2026-11-27, 2026-W48, 2026-11");
  make.option("-o,--output", making->output, "FILE", "write the key here")
      .required()
      .offers(Offer::files);
  make.flag("--force", making->force, "replace a file that exists");
  command.add(std::move(make));

  const auto listing = std::make_shared<Options>();
  Command list = verb("list", "print the periods that have a key",
                      "With the ids that reports of anonymize tell.", listing, run_list);
  list.positional("KEY", listing->key, "file or reference").required().offers(Offer::files);
  list.option("--tenant", listing->tenant, "NAME", "ids of its keys");
  list.flag("--json", listing->json, "print a line of JSON for each");
  command.add(std::move(list));

  const auto destroying = std::make_shared<Options>();
  Command destroy = verb("destroy", "forget the keys of old periods for ever",
                         "Silent when there is nothing to destroy.", destroying, run_destroy);
  destroy.positional("FILE", destroying->key, "the key").required().offers(Offer::files);
  destroy.option("--before", destroying->period, "PERIOD", "all before it");
  destroy.option("--keep", destroying->keep, "N", "all but the last N, the present one included", 1,
                 100'000);
  destroy.flag("--yes", destroying->yes, "do it");
  destroy.flag("--dry-run", destroying->dry_run, "print what would be destroyed");
  destroy.option("--reason", destroying->reason, "TEXT", "why; in the audit log");
  command.add(std::move(destroy));

  const auto checking = std::make_shared<Options>();
  Command check = verb("check", "say whether a pseudonym is of a value",
                       "The value comes on standard input. Exits 1 if it is of none of the\n"
                       "periods that have a key, as after their destruction.",
                       checking, run_check);
  check.positional("KEY", checking->key, "file or reference").required().offers(Offer::files);
  check.positional("PSEUDONYM", checking->pseudonym, "as the log has it").required();
  check.option("--kind", checking->kind, "KIND", "what the value is; a UUID need not be told");
  check.option("--tenant", checking->tenant, "NAME", "whose log it is");
  check.flag("--json", checking->json, "print the result as JSON");
  command.add(std::move(check));
  return command;
}

}  // namespace trackier::cli::keys_verbs
