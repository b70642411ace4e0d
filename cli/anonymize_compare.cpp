#include "anonymize_compare.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <numeric>

#include "compare/comparison.hpp"
#include "confinement.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "json_line.hpp"
#include "os/file_stream.hpp"

namespace trackier::cli {
namespace {

using compare::Comparison;
using compare::Finding;
using Json = nlohmann::ordered_json;

constexpr std::size_t kinds_of_finding = 5;

/// A file and what reads it, which lives as long.
class OpenFile final : public Source {
 public:
  explicit OpenFile(std::unique_ptr<os::File> file) : file_(std::move(file)), source_(*file_) {}
  std::size_t read(MutBytes into) override { return source_.read(into); }

 private:
  std::unique_ptr<os::File> file_;
  os::FileSource source_;
};

class Run {
 public:
  Run(Context& context, const AnonymizeOptions& options)
      : context_(context),
        options_(options),
        plan_(make_plan(context, options)),
        first_(plan_.tasks.front().input),
        second_(plan_.tasks.back().input) {}

  int compare() {
    confine(context_, {.inputs = {first_, second_}});
    const auto input = context_.files().open(first_);
    require_regular(input->status(), first_);
    require_regular(context_.files().open(second_)->status(), second_);
    if (input->status().same_file(context_.files().open(second_)->status())) {
      throw Error{Code::usage, fmt::format("{} is both logs", printable(first_)),
                  "name the log, and what was made of it"};
    }
    os::FileSource source{*input};
    context_.progress().begin(printable(first_), input->status().size);
    compare::CompareOptions how{.job = plan_.job};
    crypto::random_bytes(how.key);
    const Comparison result =
        doing(fmt::format("comparing {} with {}", printable(second_), printable(first_)), [&] {
          return compare::compare_logs(
              source, [this] { return std::make_unique<OpenFile>(context_.files().open(second_)); },
              plan_.profile, how,
              {.found = [this](const Finding& finding) { tell(finding); },
               .progressed =
                   [this](std::uint64_t bytes) { context_.progress().advance(bytes, bytes); }},
              context_.interrupt().token());
        });
    context_.progress().clear();
    if (context_.interrupt().signal()) {
      return 0;  // main() dies of it
    }
    context_.out().result(options_.json ? json_of(result) : text_of(result));
    return result.good() ? 0 : static_cast<int>(Code::verdict);
  }

 private:
  static void require_regular(const os::FileStatus& status, const std::string& name) {
    if (status.kind != os::FileStatus::Kind::regular) {
      throw Error{Code::usage, fmt::format("{} is no file", printable(name)),
                  "it is read several times: write it to a file first"};
    }
  }

  static bool has_rule(const Finding& finding) {
    return finding.kind == Finding::Kind::survivor || finding.kind == Finding::Kind::residual;
  }

  void tell(const Finding& finding) {
    constexpr std::uint64_t most_told = 100;  // of each kind; the others are counted
    if (++told_.at(static_cast<std::size_t>(finding.kind)) > most_told) {
      return;
    }
    const std::string rule =
        has_rule(finding) ? anonymize::rule_name(plan_.profile, finding.rule) : std::string{};
    if (options_.json) {
      context_.out().result(json_line(Json{{"file", second_},
                                           {"line", finding.line},
                                           {"column", finding.column},
                                           {"finding", name_of(finding.kind)},
                                           {"kind", rule.empty() ? Json() : Json(rule)}}));
      return;
    }
    context_.out().result(fmt::format("{}:{}:{}: {}\n", printable(second_), finding.line,
                                      finding.column, words_for(finding, rule)));
  }

  [[nodiscard]] std::string words_for(const Finding& finding, const std::string& rule) const {
    switch (finding.kind) {
      case Finding::Kind::changed:
        return fmt::format("differs from {} where no rule applies", printable(first_));
      case Finding::Kind::missing:
        return fmt::format("the file ends; {} goes on", printable(first_));
      case Finding::Kind::added:
        return fmt::format("the file goes on; {} has ended", printable(first_));
      case Finding::Kind::survivor:
        return fmt::format("{}: a value of {}", printable(rule), printable(first_));
      default:
        return fmt::format("{}: the rules would replace it", printable(rule));
    }
  }

  static std::uint64_t replaced_in(const Comparison& result) {
    return std::accumulate(result.first.replaced.begin(), result.first.replaced.end(),
                           std::uint64_t{0});
  }

  [[nodiscard]] std::string text_of(const Comparison& result) const {
    std::string text;
    for (std::size_t kind = 0; kind < told_.size(); ++kind) {
      if (told_[kind] > 0) {
        text += fmt::format("{}: {}\n", name_of(static_cast<Finding::Kind>(kind)),
                            grouped(told_[kind]));
      }
    }
    if (result.ambiguous > 0) {
      text += fmt::format("words that are also among the values: {}\n", grouped(result.ambiguous));
    }
    const std::string_view verdict = result.good()       ? "clean"
                                     : result.lines == 0 ? "nothing was compared"
                                                         : "not clean";
    return text +
           fmt::format("{}: {}; {} lines, {} values replaced, {} different ones looked for\n",
                       printable(second_), verdict, grouped(result.lines),
                       grouped(replaced_in(result)), grouped(result.distinct));
  }

  [[nodiscard]] std::string json_of(const Comparison& result) const {
    Json findings = Json::object();
    for (std::size_t kind = 0; kind < told_.size(); ++kind) {
      findings[std::string{name_of(static_cast<Finding::Kind>(kind))}] = told_[kind];
    }
    return json_line(Json{{"command", "anonymize --compare"},
                          {"in", first_},
                          {"out", second_},
                          {"clean", result.good()},
                          {"format", anonymize::name_of(result.format)},
                          {"lines", result.lines},
                          {"records", result.first.records},
                          {"replaced", replaced_in(result)},
                          {"distinct", result.distinct},
                          {"unsearchable", result.unsearchable},
                          {"ambiguous", result.ambiguous},
                          {"findings", findings}});
  }

  Context& context_;
  const AnonymizeOptions& options_;
  AnonymizePlan plan_;
  std::string first_;
  std::string second_;
  std::array<std::uint64_t, kinds_of_finding> told_{};
};

}  // namespace

int compare_files(Context& context, const AnonymizeOptions& options) {
  return Run{context, options}.compare();
}

}  // namespace trackier::cli
