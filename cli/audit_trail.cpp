#include "audit_trail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <map>

#include "alert_channel.hpp"
#include "audit/operation.hpp"
#include "audit_log.hpp"
#include "os/signals.hpp"

namespace trackier::cli {
namespace {

constexpr int of_signal = 128;  // as shells tell the end by a signal
constexpr std::string_view of_all = ".all";

/// "keys.rotate"
std::string operation_of(const CommandPath& path) {
  std::string name;
  for (auto each = std::next(path.begin()); each != path.end(); ++each) {
    name += (name.empty() ? "" : ".") + (*each)->name();
  }
  return name;
}

/// "--fold-case" is "fold-case", and a positional "SOURCE[@WHEN]" is "source".
std::string name_of(const Argument& argument) {
  std::string name;
  for (const char letter : argument.name()) {
    const char small = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    const bool begins = name.empty() && small == '-';
    if (!begins && !audit::is_name(std::string_view{&small, 1})) {
      break;
    }
    if (!begins) {
      name += small;
    }
  }
  return name.empty() ? "argument" : name;
}

audit::Value value_of(const Given& given, const audit::Veil& veil) {
  const bool is_of_list = !given.argument->words().empty() && audit::is_word(given.value);
  return is_of_list ? given.value : veil.hide(given.value);
}

/// What stood on the command line: flags by how often, words of a list as they are, and everything
/// else hidden, for it can name people. Further values of one that was given several times are
/// numbered as long as there is room, and how many there were is told when there was none.
audit::Values values_of(const std::vector<Given>& given, const audit::Veil& veil) {
  std::map<std::string, std::vector<const Given*>> by_name;
  for (const Given& each : given) {
    by_name[name_of(*each.argument)].push_back(&each);
  }
  audit::Values values;
  for (const auto& [name, all] : by_name) {
    const bool is_flag = all.front()->argument->value().empty();
    values.emplace_back(name, is_flag ? audit::Value{all.size()} : value_of(*all.front(), veil));
  }
  for (const auto& [name, all] : by_name) {
    const bool is_flag = all.front()->argument->value().empty();
    const std::size_t room = audit::most_values - std::min(values.size(), audit::most_values);
    const std::size_t further = is_flag ? 0 : all.size() - 1;
    const std::size_t kept = further <= room ? further : room - std::min<std::size_t>(room, 1);
    for (std::size_t i = 1; i <= kept; ++i) {
      values.emplace_back(fmt::format("{}.{}", name, i + 1), value_of(*all[i], veil));
    }
    if (kept < further && room > 0) {
      values.emplace_back(name + std::string{of_all}, audit::Value{all.size()});
    }
  }
  values.resize(std::min(values.size(), audit::most_values));
  std::ranges::sort(values, {}, &audit::Values::value_type::first);
  return values;
}

std::string tenant_of(const std::vector<Given>& given, const audit::Veil& veil) {
  const auto found = std::ranges::find_if(
      given, [](const Given& each) { return each.argument->name() == "--tenant"; });
  return found == given.end() ? std::string{} : veil.hide(found->value);
}

/// Nothing may be done when it cannot be recorded.
class Trail {
 public:
  Trail(const Parsed& parsed, Context& context)
      : context_(context),
        log_(audit_log(context)),
        operation_(begun(parsed, audit_veil(context))) {}

  void end(int exit, std::string_view word) {
    const os::Uninterrupted on_the_way_out;
    operation_.ended({.exit = static_cast<std::uint64_t>(exit), .code = std::string{word}},
                     context_.recorded());
  }

  /// For one that has failed already, whose error goes first.
  void end_silently(int exit, std::string_view word) {
    try {
      end(exit, word);
    } catch (const Error& error) {
      context_.out().warning(
          fmt::format("how this ended is not in the audit log: {}", error.what()));
    }
  }

  /// As run() in main.cpp will tell it.
  void end_by_signal() {
    const auto signal = context_.interrupt().signal();
    end_silently(of_signal + signal.value_or(SIGPIPE), "signal");
  }

 private:
  audit::Operation begun(const Parsed& parsed, const audit::Veil& veil) {
    return {log_, operation_of(parsed.path), values_of(parsed.given, veil),
            tenant_of(parsed.given, veil)};
  }

  Context& context_;
  audit::Log log_;
  audit::Operation operation_;
};

Trail begin(const Parsed& parsed, Context& context) {
  try {
    return {parsed, context};
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    const bool is_place = error.code() == Code::cannot_create || error.code() == Code::no_input;
    throw Error{is_place ? Code::io : error.code(),
                fmt::format("nothing was done, for it could not be recorded: {}", error.what()),
                error.hint().empty()
                    ? "the directory is audit.directory in the settings, or in the state directory"
                    : error.hint()};
  }
}

int run_between(const Parsed& parsed, Context& context) {
  const auto& action = parsed.path.back()->action();
  Trail trail = begin(parsed, context);
  int status = 0;
  try {
    status = action(context);
  } catch (const os::BrokenPipe&) {
    trail.end_by_signal();
    throw;
  } catch (const Error& error) {
    if (context.interrupt().signal()) {
      trail.end_by_signal();
    } else {
      trail.end_silently(static_cast<int>(error.code()), audit::word_of(error.code()));
    }
    throw;
  } catch (...) {
    trail.end_silently(static_cast<int>(Code::bug), audit::word_of(Code::bug));
    throw;
  }
  if (context.interrupt().signal()) {
    trail.end_by_signal();
    return status;
  }
  doing("it was done, and how it ended is not in the audit log",
        [&] { trail.end(status, audit::word_of(static_cast<Code>(status))); });
  return status;
}

}  // namespace

bool lacks_values(const audit::Record& record) {
  return std::ranges::any_of(record.args,
                             [](const auto& value) { return value.first.ends_with(of_all); });
}

bool is_recorded(const Parsed& parsed) {
  constexpr std::array<std::string_view, 13> first{
      "anonymize", "backup", "backups", "breach", "check",   "decrypt", "detokenize",
      "encrypt",   "keys",   "prune",   "report", "restore", "verify"};
  constexpr std::array<std::string_view, 5> opening{"--identity", "--passphrase", "--keyring",
                                                    "--unlock", "--request"};
  constexpr std::size_t of_verb = 3;
  const CommandPath& path = parsed.path;
  if (path.size() < 2) {
    return false;
  }
  const std::string& command = path[1]->name();
  if (command == "inspect") {
    return std::ranges::any_of(parsed.given, [&](const Given& each) {
      return std::ranges::find(opening, each.argument->name()) != opening.end();
    });
  }
  const bool is_about_texts =
      path.size() >= of_verb && (path[2]->name() == "template" || command == "report");
  return std::ranges::find(first, command) != first.end() && !is_about_texts;
}

int run_recorded(const Parsed& parsed, Context& context) {
  if (!is_recorded(parsed) || !context.settings().audit.is_on) {
    return parsed.path.back()->action()(context);
  }
  try {
    const int status = run_between(parsed, context);
    deliver_after_run(context);
    return status;
  } catch (const Error&) {
    deliver_after_run(context);
    throw;
  }
}

}  // namespace trackier::cli
