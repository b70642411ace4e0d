// Drafts are changed by people; every version is kept, and two can be compared.
#include <fmt/format.h>

#include <algorithm>

#include "breach_draft.hpp"
#include "core/text.hpp"
#include "core/words.hpp"
#include "helper_programs.hpp"
#include "notice/page.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::Drafted;
using incident::Incident;

constexpr std::size_t most_text = std::size_t{4} << 20U;

struct Options {
  std::string incident;
  std::string draft;
  std::optional<std::string> text_file;
  std::optional<unsigned> from;
  std::optional<unsigned> to;
};

/// What somebody typed is not lost when it is refused.
template <typename Action>
void keeping(Context& context, const std::filesystem::path& path, const std::string& text,
             Action action) {
  try {
    action();
  } catch (const Error&) {
    context.files().create_directories(path.parent_path(), 0700);
    os::ReplaceFile file{context.files(), path, {.replace = true}};
    file.write(as_bytes(text));
    file.finish();
    context.out().note(fmt::format("your text is in {}", printable(path.native())));
    throw;
  }
}

int edit(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const Incident incident = desk.incident(options.incident);
  const incident::Draft& draft = find_draft(incident, options.draft);
  if (draft.is_sent()) {
    throw Error{Code::usage, fmt::format("{} was sent", options.draft),
                "what was sent stays; write a follow-up: breach draft --follow-up"};
  }
  const Drafted before = draft.newest();
  const std::string text = options.text_file
                               ? os::read_whole(context.files(), *options.text_file, most_text)
                               : edited_by_person(context, before.markdown,
                                                  fmt::format("{}-{}", incident.id, before.draft));
  if (is_blank(text)) {
    throw Error{Code::usage, fmt::format("{} is left as it was: the text is empty", before.draft)};
  }
  if (text == before.markdown) {
    context.out().note(fmt::format("{} is as it was", before.draft));
    return 0;
  }
  incident::SignedEntry made;
  const auto record = [&] {
    made = desk.record(incident.id, {desk.now(), {}}, [&](const Incident& now) -> incident::Event {
      const incident::Draft& current = find_draft(now, before.draft);
      if (current.newest().version != before.version || current.is_sent()) {
        throw Error{Code::busy, fmt::format("somebody else has changed {} meanwhile", before.draft),
                    "look at breach diff, and edit again"};
      }
      Drafted after = before;
      ++after.version;
      after.markdown = text;
      after.plain = notice::plain_text(text);
      after.html = notice::html_page(after.subject, text);
      after.how = "edited";
      refuse_leaks_in(context, desk, now, after);
      const std::string banner = banner_of(now);
      if (!banner.empty() && !one_line(after.plain).starts_with(one_line(banner))) {
        throw Error{Code::usage, "the notice of a drill begins with: " + banner};
      }
      return after;
    });
  };
  if (options.text_file) {
    record();
  } else {
    keeping(context,
            desk.directory() / "refused" / fmt::format("{}-{}.md", incident.id, before.draft), text,
            record);
  }
  const auto& after = std::get<Drafted>(made.entry.event);
  context.out().result(fmt::format("{} version {}{}\n", after.draft, after.version,
                                   draft.approval() == nullptr ? "" : ": the approval is void"));
  return 0;
}

int diff(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const Incident incident = desk.incident(options.incident);
  const incident::Draft& draft = find_draft(incident, options.draft);
  const Drafted& to = version_of(draft, options.to);
  const Drafted& from = version_of(draft, options.from.value_or(std::max(1U, to.version - 1)));
  const std::string text = difference(
      context,
      {.name = fmt::format("{} version {}", from.draft, from.version), .text = from.markdown},
      {.name = fmt::format("{} version {}", to.draft, to.version), .text = to.markdown});
  context.out().result(text);
  return static_cast<int>(text.empty() ? Code::ok : Code::verdict);
}

}  // namespace

Command make_edit() {
  auto options = std::make_shared<Options>();
  Command command{"edit", "change a draft by hand; every version is kept"};
  add_incident(command, options->incident);
  command.positional("DRAFT", options->draft, "as D-0001").required();
  command.option("--from", options->text_file, "FILE", "take this text instead of an editor's")
      .offers(Offer::files);
  command.run([options](Context& context) { return edit(context, *options); });
  return command;
}

Command make_diff() {
  auto options = std::make_shared<Options>();
  Command command{"diff", "show what changed between two versions of a draft"};
  add_incident(command, options->incident);
  command.positional("DRAFT", options->draft, "as D-0001").required();
  command.option("--from", options->from, "N", "a version (default: that before)", 1, 1'000'000);
  command.option("--to", options->to, "N", "a version (default: the newest)", 1, 1'000'000);
  command.run([options](Context& context) { return diff(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
