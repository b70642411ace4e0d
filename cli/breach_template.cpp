// The model texts: listed, copied to be edited, looked over.
#include <fmt/format.h>

#include <filesystem>

#include "breach.hpp"
#include "core/text.hpp"
#include "notice/lint.hpp"
#include "notice/visible.hpp"
#include "notice_context.hpp"
#include "os/replace_file.hpp"
#include "shipped/shipped.hpp"

namespace trackier::cli::breach_verbs {
namespace {

struct Options {
  std::string directory;
  bool force = false;
};

int list(Context& context) {
  const auto texts = notice_texts(context);
  for (const notice::Template& each : texts.templates()) {
    context.out().result(
        fmt::format("{:<18}  {}  ({})\n", each.id, each.audience, fmt::join(each.duties, ", ")));
  }
  return 0;
}

int export_to(Context& context, const Options& options) {
  constexpr unsigned mode = 0644;
  const std::filesystem::path directory = options.directory;
  constexpr unsigned directory_mode = 0755;
  context.files().create_directories(directory, directory_mode);
  for (const shipped::File& each : shipped::files()) {
    os::ReplaceFile file{
        context.files(), directory / each.name, {.replace = options.force, .mode = mode}};
    file.write(as_bytes(each.text));
    file.finish();
  }
  return 0;
}

int lint(Context& context, const Options& options) {
  const auto texts = options.directory.empty()
                         ? notice_texts(context)
                         : notice::TemplateSet::load(context.files(), options.directory);
  const auto problems = notice::lint(texts);
  for (const notice::Problem& each : problems) {
    context.out().result(each.message() + "\n");
    if (!each.hint.empty()) {
      context.out().result(fmt::format("  {}\n", each.hint));
    }
  }
  bool is_sound = problems.empty();
  for (const notice::Template& each : texts.templates()) {
    for (const std::string& field : notice::unseen_fields(texts, each)) {
      context.out().result(
          fmt::format("{}: {} is not always where a reader sees it\n", each.file, field));
      is_sound = false;
    }
  }
  return static_cast<int>(is_sound ? Code::ok : Code::verdict);
}

}  // namespace

Command make_template() {
  auto options = std::make_shared<Options>();
  Command command{"template", "list, copy and check the model texts of notices"};
  command.about(
      "A copy that is named as breach.texts in the settings takes the place of what the\n"
      "program carries. What the law asks for cannot be edited away unnoticed.");
  Command listing{"list", "list the texts, whom they are to and which duties they serve"};
  listing.run([](Context& context) { return list(context); });
  command.add(std::move(listing));
  Command exporting{"export", "copy the texts and tables into a directory"};
  exporting.positional("DIRECTORY", options->directory, "where to; made if missing")
      .required()
      .offers(Offer::directories);
  exporting.flag("--force", options->force, "replace files that are there");
  exporting.run([options](Context& context) { return export_to(context, *options); });
  command.add(std::move(exporting));
  Command linting{"lint", "check that the texts have all that the law asks for; exit 1 if not"};
  linting.positional("DIRECTORY", options->directory, "a copy (default: those in force)")
      .offers(Offer::directories);
  linting.run([options](Context& context) { return lint(context, *options); });
  command.add(std::move(linting));
  return command;
}

}  // namespace trackier::cli::breach_verbs
