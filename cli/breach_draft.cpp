// Notices are drafted from facts, one for each who is told.
#include <fmt/format.h>

#include <algorithm>

#include "breach_draft.hpp"
#include "core/text.hpp"
#include "notice/render.hpp"
#include "notice_check.hpp"
#include "notice_context.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::Drafted;
using incident::Incident;
using incident::Recipient;

struct Options {
  std::string incident;
  std::optional<std::string> draft;
  std::optional<std::string> duty;
  std::optional<std::string> tenant;
  std::optional<std::string> country;
  std::optional<unsigned> from;
  bool follow_up = false;
  bool html = false;
  bool plain = false;
};

/// The draft for a duty and a recipient that was not sent; empty: there is none.
std::string open_draft(const Incident& incident, const std::string& duty, const Recipient& to) {
  for (const auto& [id, draft] : incident.drafts) {
    const Drafted& newest = draft.newest();
    if (newest.duty == duty && newest.to == to && !draft.is_sent()) {
      return id;
    }
  }
  return {};
}

/// The notice that was sent last for a duty; null: none was.
const incident::Draft* sent_draft(const Incident& incident, const std::string& duty,
                                  const Recipient& to) {
  const incident::Draft* found = nullptr;
  for (const auto& [id, draft] : incident.drafts) {
    const Drafted& newest = draft.newest();
    const bool is_it = newest.duty == duty && newest.to == to && draft.is_sent();
    if (is_it &&
        (found == nullptr || found->sendings.back().entry.seq < draft.sendings.back().entry.seq)) {
      found = &draft;
    }
  }
  return found;
}

class Drafting {
 public:
  Drafting(Context& context, const Options& options)
      : context_(context),
        options_(options),
        desk_(context),
        texts_(notice_texts(context)),
        incident_(desk_.incident(options.incident)) {}

  int all() {
    const auto usual = incident::duties_of(incident_, desk_.law(), false);
    for (const auto& state :
         incident::duties_of(incident_, desk_.law(), options_.duty.has_value())) {
      if (options_.duty ? state.duty->id == *options_.duty : is_wanted(state)) {
        draft(incident::notice_for(usual, state));
      }
    }
    if (!has_found_) {
      if (options_.duty) {
        desk_.law().expect(*options_.duty);
        throw Error{Code::usage, fmt::format("{} has nothing to be drafted for {}", incident_.id,
                                             *options_.duty)};
      }
      context_.out().note("nothing is to be drafted: trackier-ctl breach clock shows what waits");
    }
    return 0;
  }

 private:
  static bool is_wanted(const incident::DutyState& state) {
    return state.is_open() && state.progress != incident::Progress::undecided &&
           !state.duty->text.empty();
  }

  void draft(const incident::DutyState& state) {
    if (state.waits_for_scope) {
      if (options_.duty) {
        throw Error{Code::usage, "nobody has counted whom it touches",
                    fmt::format("trackier-ctl breach scope {} ...", incident_.id)};
      }
      return;
    }
    const Recipient only = asked_for(state);
    for (const Recipient& to : state.recipients) {
      if (to == Recipient{}) {
        context_.out().warning("records that name no customer: nobody is told of them");
      } else if (only == Recipient{} || to == only) {
        draft(state, to);
      }
    }
    if (state.recipients.empty() && !incident::goes_to_customers(*state.duty)) {
      if (incident::goes_to_authorities(*state.duty)) {
        context_.out().warning(
            "no count says in which countries people live, and each has an authority of its own; "
            "count with breach scope --country-field");
      }
      draft(state, Recipient{});
    }
  }

  /// Empty: all. Throws Error{Code::usage} for somebody to whom nothing is owed.
  [[nodiscard]] Recipient asked_for(const incident::DutyState& state) const {
    const bool is_customers = incident::goes_to_customers(*state.duty);
    const Recipient only{
        .tenant = is_customers ? options_.tenant.value_or("") : "",
        .country = incident::goes_to_authorities(*state.duty) ? options_.country.value_or("") : ""};
    if (only != Recipient{} &&
        std::ranges::find(state.recipients, only) == state.recipients.end()) {
      throw Error{
          Code::usage,
          is_customers
              ? fmt::format("{} is not affected: no record was counted", printable(only.name()))
              : fmt::format("nothing is owed to the authority of {}", printable(only.name())),
          is_customers ? "a customer that is not affected gets no notice"
                       : fmt::format("trackier-ctl breach clock {} names those that are told",
                                     incident_.id)};
    }
    return only;
  }

  void draft(const incident::DutyState& state, const Recipient& to) {
    const law::Duty& duty = *state.duty;
    const incident::Draft* const previous = sent_draft(incident_, duty.id, to);
    const notice::Template* const text =
        texts_.for_duty(duty.id, options_.follow_up || previous != nullptr);
    if (text == nullptr) {
      throw Error{Code::usage, fmt::format("there is no model text for {}", duty.id),
                  "write it elsewhere, and record it with breach sent --duty"};
    }
    if (options_.follow_up && previous == nullptr) {
      throw Error{Code::usage, fmt::format("nothing was sent for {} yet", duty.id),
                  "a follow-up builds on the notice before"};
    }
    if (!drafted_texts_.insert({text->id, to.tenant}).second && !to.tenant.empty()) {
      return;  // the same notice serves several duties
    }
    has_found_ = true;
    const auto made =
        desk_.record(incident_.id, {desk_.now(), {}}, [&](const Incident& now) -> incident::Event {
          const notice::Value context = notice_context(
              context_, desk_,
              {.incident = now,
               .duty = duty,
               .text = *text,
               .to = to,
               .all = state.recipients,
               .previous = previous,
               .previous_text =
                   previous == nullptr ? nullptr : &texts_.find(previous->newest().text)});
          const notice::Rendered rendered =
              notice::render(texts_, *text, with_marks(*text, context), banner_of(now));
          std::string id = open_draft(now, duty.id, to);
          std::uint32_t version = 1;
          if (id.empty()) {
            id = fmt::format("D-{:04}", now.drafts.size() + 1);
          } else {
            version = now.drafts.at(id).newest().version + 1;
          }
          const notice::Value* const final = context.find("is_final");
          const bool is_final = final != nullptr && final->flag() != nullptr && *final->flag();
          Drafted drafted{
              .draft = std::move(id),
              .version = version,
              .duty = duty.id,
              .to = to,
              .text = text->id,
              .subject = rendered.subject,
              .markdown = rendered.markdown,
              .html = rendered.html,
              .plain = rendered.plain,
              .context = notice::to_json(context),
              .how = "rendered",
              .promises_update = text->rules.find("times.next_update") != nullptr && !is_final};
          refuse_leaks_in(context_, desk_, now, drafted);
          return drafted;
        });
    tell(std::get<Drafted>(made.entry.event));
  }

  void tell(const Drafted& drafted) const {
    const auto missing = missing_in(drafted, texts_);
    context_.out().result(fmt::format(
        "{} version {}: {}{}, {}\n", drafted.draft, drafted.version, drafted.duty,
        to_whom(drafted.to),
        missing.empty()
            ? "complete"
            : fmt::format("{} field{} missing", missing.size(), missing.size() == 1 ? "" : "s")));
  }

  Context& context_;
  const Options& options_;
  IncidentDesk desk_;
  notice::TemplateSet texts_;
  Incident incident_;
  std::set<std::pair<std::string, std::string>> drafted_texts_;
  bool has_found_ = false;
};

int show(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const Incident incident = desk.incident(options.incident);
  const Drafted& drafted = version_of(find_draft(incident, *options.draft), options.from);
  const std::string& text = options.html    ? drafted.html
                            : options.plain ? drafted.plain
                                            : drafted.markdown;
  if (!options.html && !options.plain) {
    context.out().result(fmt::format("Subject: {}\n\n", drafted.subject));
  }
  context.out().result(text);
  return 0;
}

}  // namespace

std::string banner_of(const Incident& incident) {
  constexpr std::string_view drill_banner =
      "DRILL: this is a training exercise. Nothing has happened.";
  return incident.opened.is_drill ? std::string{drill_banner} : std::string{};
}

const Drafted& version_of(const incident::Draft& draft, std::optional<unsigned> version) {
  if (!version) {
    return draft.newest();
  }
  for (const auto& each : draft.versions) {
    if (each.drafted.version == *version) {
      return each.drafted;
    }
  }
  throw Error{Code::usage, fmt::format("{} has no version {}; its newest is {}",
                                       draft.newest().draft, *version, draft.newest().version)};
}

void refuse_leaks_in(Context& context, const IncidentDesk& desk, const Incident& incident,
                     const Drafted& draft) {
  const auto leaks = leaks_in_draft(context, desk, incident, draft);
  if (!leaks.empty()) {
    throw Error{
        Code::verdict,
        fmt::format("{} version {} is not kept: {}", draft.draft, draft.version,
                    fmt::join(leaks, "; ")),
        "say it without, or give the fact that it comes from anew: what identifies people, or "
        "another customer, does not belong into the record"};
  }
}

const incident::Draft& find_draft(const Incident& incident, const std::string& draft) {
  const auto found = incident.drafts.find(draft);
  if (found == incident.drafts.end()) {
    std::vector<std::string> names;
    for (const auto& [name, each] : incident.drafts) {
      names.push_back(name);
    }
    const auto near = closest(draft, names);
    throw Error{Code::usage, fmt::format("{} has no draft {}", incident.id, printable(draft)),
                names.empty() ? fmt::format("trackier-ctl breach draft {}", incident.id)
                              : fmt::format("did you mean {}?", near ? *near : names.back())};
  }
  return found->second;
}

Command make_draft() {
  auto options = std::make_shared<Options>();
  Command command{"draft", "draft notices from what is known, one for each customer"};
  command.about(
      "Without --duty, all that are owed. A field that is not known is marked in the text, and "
      "the\n"
      "notice cannot be sent. A draft that is there gets a new version, and its approval is void.");
  add_incident(command, options->incident);
  command.option("--duty", options->duty, "DUTY", "as promise.customer48");
  command.option("--tenant", options->tenant, "TENANT", "to this customer alone");
  command.option("--country", options->country, "CODE",
                 "to the authority of this country alone: DE");
  command.flag("--follow-up", options->follow_up, "the notice after one that was sent");
  command.option("--show", options->draft, "DRAFT", "print a draft instead: D-0001");
  command.option("--revision", options->from, "N", "of the draft to print", 1, 1'000'000);
  command.flag("--html", options->html, "print it as a page for browsers and printers");
  command.flag("--plain", options->plain, "print it as plain text");
  command.run([options](Context& context) {
    return options->draft ? show(context, *options) : Drafting{context, *options}.all();
  });
  return command;
}

}  // namespace trackier::cli::breach_verbs
