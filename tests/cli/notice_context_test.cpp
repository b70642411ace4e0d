#include "notice_context.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "core/text.hpp"
#include "notice/render.hpp"
#include "notice_check.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::cli {
namespace {

constexpr int tenants = 12;

/// What is a customer's alone, and found in nobody else's text.
struct Customer {
  std::string id;
  std::string name;
  std::string contact;
  std::string address;
  std::string secret;  ///< in facts and reasons about this customer
  std::uint64_t number = 0;

  explicit Customer(int i)
      : id(fmt::format("tenant{:02}q", i)),
        name(fmt::format("Customer {:02}q Ltd", i)),
        contact(fmt::format("Contact{:02}q Person", i)),
        address(fmt::format("contact@customer{:02}q.example", i)),
        secret(fmt::format("secret{:02}q", i)),
        number(1'000'000U + static_cast<std::uint64_t>(i) * 7'919U) {}

  [[nodiscard]] std::vector<std::string> marks() const {
    return {id,
            name,
            contact,
            address,
            secret,
            grouped(number),
            std::to_string(number),
            grouped(number + 1),
            grouped(number + 2)};
  }
};

std::string settings() {
  std::string text =
      "[breach.facts]\norg.name = \"Trackier\"\ncontact.email = \"privacy@trackier.example\"\n";
  for (int i = 0; i < tenants; ++i) {
    const Customer each{i};
    text += fmt::format(
        "[tenant.{}]\ncustomer = \"{}\"\ncontact_name = \"{}\"\ncontact_email = \"{}\"\n", each.id,
        each.name, each.contact, each.address);
  }
  return text;
}

/// A program around a context, with state and settings of its own.
class Bench {
 public:
  Bench() {
    environment_.state_home = directory_.path();
    common_.config = directory_.write("settings.toml", settings()).native();
  }

  Context& context() { return context_; }

 private:
  test::TemporaryDirectory directory_;
  Command program_{"trackier-ctl", "x"};
  CommonOptions common_;
  Environment environment_;
  os::Interrupt interrupt_;
  Progress progress_{false};
  Output out_{{.quiet = true}, progress_};
  Context context_{{.program = program_,
                    .common = common_,
                    .environment = environment_,
                    .files = os::posix(),
                    .interrupt = interrupt_,
                    .out = out_,
                    .progress = progress_}};
};

class Incidents {
 public:
  explicit Incidents(Time now) : now_(now) {}

  /// Somebody is touched, in random measure; each customer's facts, counts and notices are marked.
  incident::Incident next() {
    incident::Incident made;
    made.id = "TI-2026-0001";
    made.opened = {.title = "x", .roles = {"processor", "controller"}, .law = "2026-11-23"};
    made.entry = entry();
    made.anchors["detected"] = {{{.name = "detected", .because = {}}, entry()}};
    if (chance()) {
      made.anchors["aware"] = {{{.name = "aware", .because = {}}, entry()}};
    }
    incident::ScopeRun run{.counted = {.run = "S-0001"}, .entry = entry()};
    affected_.clear();
    for (int i = 0; i < tenants; ++i) {
      if (random_() % 4 == 0 || affected_.empty()) {
        affected_.emplace_back(i);
      }
    }
    for (const Customer& each : affected_) {
      count(run.counted, each);
      tell(made, each);
    }
    made.runs.push_back(std::move(run));
    return made;
  }

  bool chance() { return random_() % 2 == 0; }
  const Customer& one_of_them() { return affected_[random_() % affected_.size()]; }

 private:
  [[nodiscard]] incident::Recorded entry() const {
    return {.seq = 1, .at = {now_, {}}, .recorded = now_, .by = {.name = "asha"}};
  }

  void count(incident::ScopeCounted& counted, const Customer& each) {
    counted.counts.push_back({.tenant = each.id,
                              .country = {},
                              .exposures = each.number,
                              .records = each.number,
                              .people_lower = each.number + 1,
                              .people_upper = each.number + 2});
    if (chance()) {
      counted.counts.push_back({.tenant = each.id,
                                .country = each.secret + "land",
                                .exposures = each.number,
                                .records = each.number,
                                .people_lower = each.number + 1,
                                .people_upper = each.number + 2});
    }
  }

  void tell(incident::Incident& made, const Customer& each) {
    for (const char* const key : {"cause", "incident.description", "incident.summary",
                                  "scope.not_affected", "data_protection.state", "occurred_from"}) {
      if (chance()) {
        incident::FactSet fact{.key = key,
                               .value = each.secret,
                               .basis = each.secret,
                               .reason = each.secret,
                               .expected_by = each.secret,
                               .about = {.tenant = each.id, .country = {}}};
        fact.known = chance() ? incident::Known::known : incident::Known::unknown;
        made.facts[{key, fact.about}] = {fact, entry()};
      }
    }
    if (chance()) {
      const std::string list = fmt::format(R"([{{"text":"{}"}}])", each.secret);
      made.facts[{"consequences", {.tenant = each.id, .country = {}}}] = {
          {.key = "consequences",
           .value = list,
           .basis = {},
           .reason = {},
           .expected_by = {},
           .about = {.tenant = each.id, .country = {}}},
          entry()};
    }
    made.severities[each.id] = {{.tenant = each.id,
                                 .contexts = {},
                                 .identifications = {},
                                 .circumstances = {},
                                 .context = 2,
                                 .identification_quarters = 2,
                                 .circumstance_quarters = {2, 0, 0, 2},
                                 .because = each.secret},
                                entry()};
    if (chance()) {
      send(made, each);
    }
  }

  void send(incident::Incident& made, const Customer& each) {
    const std::string id = fmt::format("D-{:04}", made.drafts.size() + 1);
    incident::Draft& draft = made.drafts[id];
    const std::string context = fmt::format(
        R"({{"cause":{{"basis":"{0}","value":"{0} before"}},"incident":{{"description":"{0}"}}}})",
        each.secret);
    draft.versions.push_back({{.draft = id,
                               .duty = "promise.customer48",
                               .to = {.tenant = each.id, .country = {}},
                               .text = "customer-initial",
                               .subject = each.secret,
                               .markdown = each.secret,
                               .html = each.secret,
                               .plain = each.secret,
                               .context = context,
                               .how = "rendered"},
                              entry()});
    draft.sendings.push_back({{.draft = id,
                               .version = 1,
                               .duty = "promise.customer48",
                               .to = {.tenant = each.id, .country = {}},
                               .channel = each.secret,
                               .reference = each.secret},
                              entry()});
    made.sendings.push_back(draft.sendings.back());
  }

  Time now_;
  std::mt19937 random_{20261126};  // the same incidents every time
  std::vector<Customer> affected_;
};

/// The notice that was sent to a customer; null: none was.
const incident::Draft* previous_of(const incident::Incident& incident, const std::string& tenant) {
  for (const auto& [id, draft] : incident.drafts) {
    if (draft.newest().to.tenant == tenant) {
      return &draft;
    }
  }
  return nullptr;
}

TEST_CASE("no byte of a customer reaches the notice to another") {
  Bench bench;
  const IncidentDesk desk{bench.context()};
  const auto texts = notice::TemplateSet::shipped();
  Incidents incidents{desk.now()};
  int looked_at = 0;
  int own = 0;
  for (int i = 0; i < 2000; ++i) {
    const incident::Incident incident = incidents.next();
    const auto* const duty = desk.law().find("promise.customer48", incident::day_of_law(incident));
    REQUIRE(duty != nullptr);
    const Customer& customer = incidents.one_of_them();
    const incident::Draft* const previous = previous_of(incident, customer.id);
    const auto& text = texts.find(previous == nullptr ? "customer-initial" : "customer-followup");
    const notice::Value context = notice_context(
        bench.context(), desk,
        {.incident = incident,
         .duty = *duty,
         .text = text,
         .to = {.tenant = customer.id, .country = {}},
         .all = {},
         .previous = previous,
         .previous_text = previous == nullptr ? nullptr : &texts.find("customer-initial")});
    const notice::Rendered made = notice::render(texts, text, with_marks(text, context));
    const std::string all = made.subject + made.markdown + made.html + made.plain;
    own += all.find(customer.name) != std::string::npos &&
                   all.find(grouped(customer.number)) != std::string::npos
               ? 1
               : 0;
    const std::string kept = notice::to_json(context);
    for (int other = 0; other < tenants; ++other) {
      const Customer stranger{other};
      if (stranger.id == customer.id) {
        continue;
      }
      for (const std::string& mark : stranger.marks()) {
        ++looked_at;
        if (all.find(mark) != std::string::npos || kept.find(mark) != std::string::npos) {
          CAPTURE(mark);
          CAPTURE(customer.id);
          FAIL_CHECK("it is in the notice to another");
        }
      }
    }
  }
  CHECK(looked_at > 100'000);
  CHECK(own > 1900);  // so that what is looked for would be found
}

}  // namespace
}  // namespace trackier::cli
