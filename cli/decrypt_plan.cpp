#include "decrypt_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/text.hpp"
#include "output_claims.hpp"

namespace trackier::cli {
namespace {

using Path = std::filesystem::path;

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error{Code::usage, what, hint};
}

void check_modes(const DecryptOptions& options) {
  const bool to_standard_output =
      options.output ? *options.output == "-"
                     : !options.output_directory && reads_standard_input(options.inputs);
  check_output_options(options.output, options.output_directory);
  if (options.output && *options.output != "-" && options.inputs.size() > 1) {
    refuse("-o takes one input", "use --out-dir for several, or neither");
  }
  if (options.output_directory && reads_standard_input(options.inputs) && !options.preserve) {
    refuse("--out-dir needs named inputs, and standard input has no name",
           "use -o, or --preserve for the sealed name");
  }
  if (options.preserve && to_standard_output) {
    refuse("--preserve needs an output that is a file", "leave it out");
  }
  if (options.json && to_standard_output) {
    refuse("--json needs -o, --out-dir or named files",
           "standard output would hold the content as well");
  }
  if (options.range && (options.inputs.size() != 1 || reads_standard_input(options.inputs))) {
    refuse("--range needs one envelope that is a file", "name it");
  }
}

/// A number of bytes at the beginning of `text`, which is shortened by it.
std::optional<std::uint64_t> take_bytes(std::string_view& text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{}) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  constexpr std::array<std::pair<std::string_view, unsigned>, 3> units{
      {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
  for (const auto& [unit, shift] : units) {
    if (text.starts_with(unit)) {
      text.remove_prefix(unit.size());
      return number > (std::numeric_limits<std::uint64_t>::max() >> shift)
                 ? std::nullopt
                 : std::optional{number << shift};
    }
  }
  return number;
}

Error nameless(const Input& input) {
  return Error{
      Code::cannot_create,
      fmt::format("{} does not end in {}: its content has no name", shown(input), envelope_suffix),
      "name it with -o, or pass --preserve for the sealed name"};
}

/// The name without .tke; empty when there is none.
std::string stripped_name(const Input& input) {
  std::string name = Path{input.path}.filename().native();
  if (!name.ends_with(envelope_suffix)) {
    return {};
  }
  name.resize(name.size() - envelope_suffix.size());
  return name == "." || name == ".." ? std::string{} : name;
}

bool needs_no_name(const DecryptOptions& options, const Input& input) {
  return options.output || (input.path == "-" && !options.output_directory);
}

}  // namespace

std::optional<envelope::Range> parse_range(std::string_view text) {
  const auto begin = take_bytes(text);
  if (!begin || text.empty()) {
    return std::nullopt;
  }
  const char how = text.front();
  text.remove_prefix(1);
  const auto second = take_bytes(text);
  if (!second || !text.empty()) {
    return std::nullopt;
  }
  if (how == '-' && *second >= *begin) {
    return envelope::Range{.begin = *begin, .end = *second};
  }
  if (how == '+' && *second <= std::numeric_limits<std::uint64_t>::max() - *begin) {
    return envelope::Range{.begin = *begin, .end = *begin + *second};
  }
  return std::nullopt;
}

void check_content_name(const DecryptOptions& options, const Input& input) {
  if (!needs_no_name(options, input) && !options.preserve && stripped_name(input).empty()) {
    throw nameless(input);
  }
}

Target content_target(const DecryptOptions& options, const Input& input,
                      const envelope::Metadata& sealed) {
  if (needs_no_name(options, input)) {
    return options.output && *options.output != "-" ? Target{.path = *options.output, .named = true}
                                                    : Target{};
  }
  std::string name = stripped_name(input);
  if (options.preserve && sealed.name) {
    name = *sealed.name;
    const bool is_one = !name.empty() && name != "." && name != ".." &&
                        name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
    if (!is_one) {
      throw Error{Code::data, fmt::format("{}: the sealed name {} is no name of a file",
                                          shown(input), printable(name))};
    }
  }
  if (name.empty()) {
    throw nameless(input);
  }
  const Path directory = options.output_directory
                             ? Path{*options.output_directory} / input.below.parent_path()
                             : Path{input.path}.parent_path();
  return {.path = directory / name};
}

DecryptPlan make_decrypt_plan(Context& context, const DecryptOptions& options) {
  check_modes(options);
  DecryptPlan plan;
  if (options.range) {
    plan.range = parse_range(*options.range);
    if (!plan.range) {
      refuse(fmt::format("--range: {} is no range", printable(*options.range)),
             "write BEGIN-END or BEGIN+LENGTH, as 0-64KiB or 1MiB+512");
    }
  }
  plan.identities = identities_of(context, options.identities);
  plan.inputs = inputs_of(context.files(), options.inputs,
                          {.include = options.include, .envelopes = true}, [&](const Error& error) {
                            context.out().error(error);
                            plan.failure = plan.failure.value_or(error.code());
                          });
  if (plan.inputs.size() > 1 && options.output && *options.output != "-") {
    refuse("-o takes one input, and there are several in the directory", "use --out-dir");
  }
  if (!options.output && !options.preserve) {  // otherwise the names are not known yet
    refuse_collisions(context.files(), plan.inputs, [&](const Input& input) {
      const bool has_name = input.path != "-" && !stripped_name(input).empty();
      return has_name ? content_target(options, input, {}) : Target{};
    });
  }
  return plan;
}

}  // namespace trackier::cli
