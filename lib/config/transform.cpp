#include "config/transform.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/names.hpp"
#include "config/toml_string.hpp"
#include "core/text.hpp"

namespace trackier::config {

using anonymize::Action;
using anonymize::Transform;

namespace {

const std::vector<std::string> action_words = {
    "keep", "truncate", "mask",   "hash",    "pseudonym",  "redact",      "generalize",
    "drop", "tokenize", "prefix", "ipcrypt", "ipcrypt-nd", "ipcrypt-ndx", "decode"};

const std::vector<std::string> alphabet_words = {"digits", "hex", "lower", "upper", "alnum"};

const std::vector<std::string> unit_words = {"minute", "hour", "day", "month", "year"};

void use_preset(Table& table, const std::string& name, Transform& transform) {
  for (const std::string_view key : {"ipv4_prefix", "ipv6_prefix"}) {
    if (table.has(key)) {
      throw table.error(key, table.full_name(key) + " and preset both say what is kept",
                        "leave one of them out");
    }
  }
  const auto preset = anonymize::truncation_preset(name);
  if (!preset) {
    throw table.error(
        "preset",
        fmt::format("{}: there is no preset {}", table.full_name("preset"), printable(name)),
        suggestion(name, {"last-octet", "two-octets", "three-octets"}));
  }
  transform.ipv4_prefix = preset->ipv4_prefix;
  transform.ipv6_prefix = preset->ipv6_prefix;
}

/// The parameters of a transform, which stand beside its name.
void read_parameters(Table& table, Transform& transform) {
  const auto number = [&table](std::string_view key, int least, int most, int& value) {
    if (const auto given = table.integer(key, least, most)) {
      value = static_cast<int>(*given);
    }
  };
  switch (transform.action) {
    case Action::truncate:
      if (const auto preset = table.text("preset")) {
        use_preset(table, *preset, transform);
        break;
      }
      number("ipv4_prefix", 0, 32, transform.ipv4_prefix);
      number("ipv6_prefix", 0, 128, transform.ipv6_prefix);
      break;
    case Action::mask: {
      number("keep_first", 0, 1000, transform.keep_first);
      number("keep_last", 0, 1000, transform.keep_last);
      if (const auto text = table.text("mask")) {
        constexpr std::string_view unfit = "\"'\\,[]{}()<>";
        if (text->size() != 1 || (*text)[0] <= ' ' || (*text)[0] > '~' ||
            unfit.find((*text)[0]) != std::string_view::npos) {
          throw table.error("mask",
                            table.full_name("mask") + " has to be one printable ASCII character",
                            "quotes, backslashes, commas and brackets would break formats");
        }
        transform.mask_character = (*text)[0];
      }
      break;
    }
    case Action::hash:
      if (const auto bits = table.integer("bits", 64, 256)) {
        if (*bits != 64 && *bits != 128 && *bits != 256) {
          throw table.error("bits", table.full_name("bits") + " has to be 64, 128 or 256");
        }
        transform.bits = static_cast<int>(*bits);
      }
      break;
    case Action::redact:
      if (const auto label = table.text("label")) {
        const bool good =
            !label->empty() && label->size() <= 40 && std::ranges::all_of(*label, [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ' ';
            });
        if (!good) {
          throw table.error("label", table.full_name("label") +
                                         " has to be lower-case letters, digits, spaces and '-'");
        }
        transform.label = *label;
      }
      break;
    case Action::generalize:
      if (const auto unit = table.text("unit")) {
        transform.unit =
            word<anonymize::TimeUnit>(table, "unit", *unit, anonymize::time_unit_named, unit_words);
      }
      if (const auto decimals = table.integer("decimals", 0, 6)) {
        transform.decimals = static_cast<int>(*decimals);
      }
      if (const auto band = table.number("band", 1e-6, 1e12)) {
        transform.band = *band;
      }
      break;
    case Action::drop:
      transform.drop_record = table.boolean("drop_record").value_or(false);
      break;
    case Action::tokenize:
      if (const auto alphabet = table.text("alphabet")) {
        transform.alphabet = word<anonymize::Alphabet>(table, "alphabet", *alphabet,
                                                       anonymize::alphabet_named, alphabet_words);
      }
      transform.luhn = table.boolean("luhn").value_or(false);
      if (transform.luhn &&
          transform.alphabet.value_or(anonymize::Alphabet::digits) != anonymize::Alphabet::digits) {
        throw table.error("luhn", table.full_name("luhn") + " is for digits alone",
                          "leave alphabet out, or write alphabet = \"digits\"");
      }
      break;
    default:
      break;
  }
}

/// ", bits = 256" and the like; empty where a transform has no parameters.
std::string parameters_of(const Transform& transform) {
  switch (transform.action) {
    case Action::truncate:
      return fmt::format(", ipv4_prefix = {}, ipv6_prefix = {}", transform.ipv4_prefix,
                         transform.ipv6_prefix);
    case Action::mask:
      return fmt::format(", keep_first = {}, keep_last = {}, mask = {}", transform.keep_first,
                         transform.keep_last,
                         toml_string(std::string_view{&transform.mask_character, 1}));
    case Action::hash:
      return fmt::format(", bits = {}", transform.bits);
    case Action::redact:
      return transform.label.empty() ? "" : ", label = " + toml_string(transform.label);
    case Action::generalize: {
      std::string given;
      if (transform.unit) {
        given += ", unit = " + toml_string(anonymize::name_of(*transform.unit));
      }
      if (transform.band > 0) {
        given += fmt::format(", band = {}", transform.band);
      } else if (transform.decimals) {
        given += fmt::format(", decimals = {}", *transform.decimals);
      }
      return given;
    }
    case Action::drop:
      return transform.drop_record ? ", drop_record = true" : "";
    case Action::tokenize: {
      const std::string alphabet =
          transform.alphabet
              ? ", alphabet = " + toml_string(anonymize::name_of(*transform.alphabet))
              : "";
      return alphabet + (transform.luhn ? ", luhn = true" : "");
    }
    default:
      return "";
  }
}

}  // namespace

Transform transform_in(Table& table, Action fallback) {
  Transform transform;
  const auto name = table.text("transform");
  transform.action =
      name ? word<Action>(table, "transform", *name, anonymize::action_named, action_words)
           : fallback;
  read_parameters(table, transform);
  return transform;
}

Transform transform_at(Table& table, const std::string& key) {
  if (table.is_text(key)) {
    Transform transform;
    transform.action =
        word<Action>(table, key, *table.text(key), anonymize::action_named, action_words);
    return transform;
  }
  auto inner = table.table(key);
  if (!inner->has("transform")) {
    throw table.error(key, table.full_name(key) + " names no transform",
                      "write it like { transform = \"hash\" }");
  }
  Transform transform = transform_in(*inner, Action::redact);
  inner->refuse_others();
  return transform;
}

std::string toml_of(const Transform& transform) {
  const std::string name = toml_string(anonymize::name_of(transform.action));
  const std::string parameters = parameters_of(transform);
  return parameters.empty() ? name : fmt::format("{{ transform = {}{} }}", name, parameters);
}

}  // namespace trackier::config
