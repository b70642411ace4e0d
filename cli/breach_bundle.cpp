// All that is known of an incident in one file, for an authority, an auditor or a court.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "attachments.hpp"
#include "breach.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "helper_programs.hpp"
#include "os/program.hpp"
#include "os/replace_file.hpp"
#include "veris.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::Incident;
using Json = nlohmann::ordered_json;

struct Options {
  std::string incident;
  std::optional<std::string> output;
  bool force = false;
};

constexpr std::string_view how_to_verify =
    R"(How to verify this bundle. It takes sha256sum and openssl, and nothing of ours.

1. Every file is what was signed:

     sha256sum --check --strict SHA256SUMS

   And no other file is here: this prints 3 more than SHA256SUMS has lines, for SHA256SUMS,
   SHA256SUMS.sig and signer.pem.

     find . -type f | wc -l; wc -l < SHA256SUMS

2. The list of files was signed by the holder of signer.pem:

     openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

3. signer.pem is the key of that host: compare it with the one you were given another way. The
   last column of "trackier-ctl breach head" is the same key in base64.

4. The timeline is whole. Each line of timeline.jsonl is one entry; its SHA-256, without the line
   break, is in the second column of timeline.signatures and in the member "previous" of the next
   entry. For entry 3:

     sed -n 3p timeline.jsonl | tr -d '\n' | sha256sum
     sed -n 3p timeline.signatures

5. If somebody kept a hash of "trackier-ctl breach head" elsewhere, it is the one of an entry here;
   up to that entry nothing was changed since, whoever had the key.
)";

class TextSink final : public Sink {
 public:
  explicit TextSink(std::string& text) : text_(text) {}
  void write(Bytes bytes) override { text_ += as_text(bytes); }
  void finish() override {}

 private:
  std::string& text_;
};

/// A file of the bundle.
struct Member {
  std::string name;
  std::string text;
};

std::string pretty(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// SubjectPublicKeyInfo of RFC 8410, section 4.
std::string pem_of(const crypto::Ed25519Public& key) {
  constexpr std::array<unsigned char, 12> prefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
  std::vector<std::byte> der;
  for (const unsigned char each : prefix) {
    der.push_back(std::byte{each});
  }
  der.insert(der.end(), key.begin(), key.end());
  return fmt::format("-----BEGIN PUBLIC KEY-----\n{}=\n-----END PUBLIC KEY-----\n",
                     crypto::base64(der));
}

class Bundle {
 public:
  Bundle(Context& context, IncidentDesk& desk, const std::string& name)
      : context_(context),
        desk_(desk),
        chain_(desk.sound_chain(name)),
        incident_(incident::incident_of(chain_.entries)) {}

  std::vector<Member> all() {
    timeline();
    facts();
    scope();
    severity();
    duties();
    drafts();
    attachments();
    register_page();
    add("veris.json", veris_of(incident_, std::string{"trackier-ctl "} + TRACKIER_VERSION));
    add("VERIFY.txt", std::string{how_to_verify});
    std::ranges::sort(members_, {}, &Member::name);
    sign();
    return std::move(members_);
  }

  [[nodiscard]] Time as_of() const { return chain_.entries.back().entry.recorded.wall; }

 private:
  void add(std::string name, std::string text) {
    members_.push_back({std::move(name), std::move(text)});
  }

  void timeline() {
    std::string lines;
    std::string signatures;
    std::string readable;
    for (const auto& each : chain_.entries) {
      lines += each.line + "\n";
      signatures += fmt::format("{} {} {} {}\n", each.entry.seq, each.hash,
                                crypto::base64(each.signer), crypto::base64(each.signature));
      readable += fmt::format("{:>4}  {}  {}  {}\n", each.entry.seq, to_rfc3339(each.entry.at.time),
                              name_of(each.entry.by), telling(each.entry.event));
    }
    add("timeline.jsonl", std::move(lines));
    add("timeline.signatures", std::move(signatures));
    add("timeline.txt", std::move(readable));
  }

  /// The entries of one kind, as they were signed.
  [[nodiscard]] Json entries_of(std::string_view kind) const {
    Json list = Json::array();
    for (const auto& each : chain_.entries) {
      if (incident::kind_of(each.entry.event) == kind) {
        list.push_back(Json::parse(each.line));
      }
    }
    return list;
  }

  void facts() { add("facts.json", pretty(entries_of("fact"))); }
  void scope() { add("scope.json", pretty(entries_of("scope"))); }

  void severity() {
    Json list = Json::array();
    for (const auto& [tenant, each] : incident_.severities) {
      const law::Assessment made = assessment_of(each.scored);
      Json changes = Json::array();
      for (const auto& change : law::changes_of_level(made)) {
        changes.push_back({{"what", change.what}, {"level", law::to_text(change.level)}});
      }
      list.push_back({{"tenant", tenant},
                      {"formula", made.formula()},
                      {"level", law::to_text(made.level())},
                      {"flags", severity_flags(incident_, each)},
                      {"because", each.scored.because},
                      {"by", each.entry.by.name},
                      {"changes_of_level", std::move(changes)}});
    }
    add("severity.json", pretty(list));
  }

  void duties() {
    Json list = Json::array();
    const auto time = [](const std::optional<Time>& at) {
      return at ? Json(to_rfc3339(*at)) : Json();
    };
    for (const auto& state : incident::duties_of(incident_, desk_.law(), true)) {
      const auto decision = incident_.decisions.find(state.duty->id);
      list.push_back(
          {{"duty", state.duty->id},
           {"law", state.duty->law},
           {"text_date", state.duty->text_date},
           {"confidence", state.duty->confidence},
           {"recipient", state.duty->recipient},
           {"concerns_the_company", incident::concerns(incident_, *state.duty)},
           {"state", incident::to_text(state.progress)},
           {"decided_because", decision == incident_.decisions.end()
                                   ? Json()
                                   : Json(decision->second.decided.because)},
           {"due", time(state.due_at())},
           {"derivation", state.deadline.why},
           {"derivation_before", state.earlier ? Json(state.earlier->why) : Json()},
           {"sent", time(state.sent_at)},
           {"late", state.progress == incident::Progress::sent && state.is_late(as_of())},
           {"recipients", names_of(state.recipients)}});
    }
    add("duties.json", pretty(Json{{"law_as_read_on", desk_.law().snapshot},
                                   {"time_zone_data", os::zone_data_version()},
                                   {"disclaimer", desk_.law().disclaimer},
                                   {"duties", std::move(list)}}));
  }

  void drafts() {
    for (const auto& [id, draft] : incident_.drafts) {
      for (const auto& version : draft.versions) {
        const incident::Drafted& drafted = version.drafted;
        const std::string name = fmt::format("drafts/{}.{}", id, drafted.version);
        add(name + ".md", fmt::format("Subject: {}\n\n{}", drafted.subject, drafted.markdown));
        add(name + ".html", drafted.html);
        add(name + ".facts.json", pretty(Json::parse(drafted.context)));
        const bool is_sent = std::ranges::any_of(
            draft.sendings, [&](const auto& each) { return each.sent.version == drafted.version; });
        if (is_sent) {
          add_mail(name + ".eml", version);
        }
      }
    }
  }

  /// What went by another way than mail has no address.
  void add_mail(const std::string& name, const incident::DraftVersion& version) {
    try {
      add(name, mail_of(incident_, version));
    } catch (const Error& error) {
      if (error.code() != Code::usage) {
        throw;
      }
    }
  }

  void attachments() {
    const Attachments kept{context_, desk_.directory()};
    for (const auto& each : chain_.entries) {
      const auto* const noted = std::get_if<incident::Noted>(&each.entry.event);
      for (std::size_t i = 0; noted != nullptr && i < noted->attachments.size(); ++i) {
        const incident::Attachment& attachment = noted->attachments[i];
        add(fmt::format("attachments/{}.{}-{}", each.entry.seq, i + 1, attachment.name),
            kept.read(attachment));
      }
    }
  }

  void register_page() {
    const RegisterEntry entry = register_entry(desk_, incident_);
    std::string duties = entry.duties;
    for (std::size_t at = 0; (at = duties.find("; ", at)) != std::string::npos;) {
      duties.replace(at, 2, "\n- ");
    }
    add("register.md",
        fmt::format("# {}: {}\n\n- State: {}{}\n- Detected: {}\n- Aware: {}\n- Records: {}\n"
                    "- People, at most: {}\n- Severity: {}\n- Approvals by one person alone: {}\n\n"
                    "## Duties\n\n- {}\n",
                    entry.incident, printable(entry.title), entry.state,
                    entry.because.empty() ? "" : ", because: " + printable(entry.because),
                    entry.detected, entry.aware.empty() ? "not yet" : entry.aware,
                    grouped(entry.records), grouped(entry.people),
                    entry.severity.empty() ? "not scored" : entry.severity, single_handed(),
                    printable(duties, std::string::npos)));
  }

  [[nodiscard]] std::string single_handed() const {
    std::string found;
    for (const auto& [id, draft] : incident_.drafts) {
      for (const auto& each : draft.approvals) {
        if (each.approved.is_single_handed) {
          found += fmt::format("{}{} version {} by {}, because: {}", found.empty() ? "" : "; ", id,
                               each.approved.version, printable(each.entry.by.name),
                               printable(each.approved.because));
        }
      }
    }
    return found.empty() ? "none" : found;
  }

  void sign() {
    std::string sums;
    for (const Member& each : members_) {
      sums += fmt::format("{}  {}\n", hexadecimal(crypto::sha256(as_bytes(each.text))), each.name);
    }
    const crypto::Secret key = desk_.signing_key();
    const crypto::Signature signature = crypto::sign(key, as_bytes(sums));
    add("SHA256SUMS.sig", std::string{as_text(signature)});
    add("signer.pem", pem_of(crypto::ed25519_public(key)));
    add("SHA256SUMS", std::move(sums));
  }

  Context& context_;
  IncidentDesk& desk_;
  incident::Chain chain_;
  Incident incident_;
  std::vector<Member> members_;
};

/// GNU tar makes the archive: the same members are the same bytes.
void write_archive(Context& context, const std::vector<Member>& members, const std::string& name,
                   Time time, Sink& output) {
  constexpr const char* program = "/usr/bin/tar";
  constexpr std::size_t piece = std::size_t{64} << 10U;
  if (!context.files().status(program)) {
    throw Error{Code::unavailable, "tar is not installed", "install the package tar"};
  }
  const PrivateDirectory place{context.environment().temporary};
  for (const Member& each : members) {
    const auto path = place.path() / name / each.name;
    context.files().create_directories(path.parent_path(), 0700);
    context.files().create_exclusive(path, 0600)->write(as_bytes(each.text));
  }
  os::RunningProgram tar{{.program = program,
                          .arguments = {"--create", "--format=ustar", "--sort=name", "--owner=0",
                                        "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX",
                                        fmt::format("--mtime=@{}", time.time_since_epoch().count()),
                                        "--directory", place.path().native(), "--", name},
                          .environment = {"LC_ALL=C", "TZ=UTC"},
                          .directory = {}}};
  std::vector<std::byte> buffer(piece);
  while (const std::size_t count = tar.output().read(buffer)) {
    output.write(Bytes{buffer}.first(count));
  }
  const os::Ended ended = tar.finish();
  if (!ended.well()) {
    throw Error{Code::io, fmt::format("tar: {}: {}", ended.manner(), ended.last_line())};
  }
}

int run(Context& context, const Options& options) {
  IncidentDesk desk{context};
  Bundle bundle{context, desk, options.incident};
  const auto members = bundle.all();
  if (*options.output == "-") {
    std::string archive;
    TextSink sink{archive};
    write_archive(context, members, options.incident, bundle.as_of(), sink);
    context.out().result(archive);
    return 0;
  }
  os::ReplaceFile file{context.files(), *options.output, {.replace = options.force}};
  write_archive(context, members, options.incident, bundle.as_of(), file);
  file.finish();
  context.out().summary(fmt::format("{}: {} files, {}", printable(*options.output), members.size(),
                                    human_bytes(file.written())));
  return 0;
}

}  // namespace

Command make_bundle() {
  auto options = std::make_shared<Options>();
  Command command{"bundle", "put all evidence of an incident into one signed archive"};
  command.about(
      "Timeline, facts, counts without identifiers, severity, duties with derivations, every\n"
      "version of every draft, mails that were sent, attachments of notes, the register's entry, "
      "a\n"
      "VERIS record, and how to verify it all with sha256sum and openssl alone. The same timeline "
      "is\n"
      "the same bytes.");
  add_incident(command, options->incident);
  command.option("-o,--out", options->output, "FILE", "a tar archive")
      .required()
      .offers(Offer::files);
  command.flag("--force", options->force, "replace FILE");
  command.run([options](Context& context) { return run(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
