#include "notice/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/text.hpp"

namespace trackier::notice {
namespace {

using Kind = Field::Kind;

constexpr std::array<std::string_view, 4> phased_texts = {"value", "basis", "reason",
                                                          "expected_by"};
constexpr std::string_view phased_flag = "unknown";

bool is_list(const Field& field) {
  return field.kind == Kind::list || field.kind == Kind::list_optional;
}

bool is_phased_text(std::string_view name) {
  return std::find(phased_texts.begin(), phased_texts.end(), name) != phased_texts.end();
}

std::string_view kind_of(const Field& field) {
  switch (field.kind) {
    case Kind::text:
      return "a text";
    case Kind::phased:
      return "a phased value";
    case Kind::flag:
      return "a flag";
    case Kind::list:
    case Kind::list_optional:
      break;
  }
  return "a list";
}

class Linter {
 public:
  Linter(const TemplateSet& set, const Template& text) : set_{set}, text_{text} {}

  std::vector<Problem> run() {
    file_ = set_.manifest_file();
    subject_ = true;
    walk_text(text_.subject);
    subject_ = false;
    file_ = text_.file;
    walk_text(text_.text);
    std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
      return a.place.line != b.place.line ? a.place.line < b.place.line
                                          : a.place.column < b.place.column;
    });
    for (const Field& field : text_.rules.fields) {
      report_unused(field);
    }
    return std::move(problems_);
  }

 private:
  void walk_text(std::string_view text) {
    const TagTree tree = read_tags(text);
    for (const TagTree::Flaw& flaw : tree.flaws) {
      problem(flaw.place, flaw.what, flaw.hint);
    }
    walk(tree.tags);
  }

  void walk(const std::vector<Tag>& tags) {
    for (const Tag& tag : tags) {
      if (subject_ && tag.kind != Tag::Kind::variable) {
        problem(tag.place, "a subject line with more than plain fields",
                "only {{name}} may stand there");
      } else if (tag.kind == Tag::Kind::partial) {
        walk_partial(tag);
      } else {
        visit(tag);
      }
    }
  }

  void walk_partial(const Tag& tag) {
    const auto found = set_.partials().find(tag.name);
    if (found == set_.partials().end()) {
      std::vector<std::string> names;
      for (const auto& [name, partial] : set_.partials()) {
        names.push_back(name);
      }
      problem(tag.place, fmt::format("unknown partial {}", tag.name), suggestion(tag.name, names));
      return;
    }
    if (in_partial_) {
      problem(tag.place, "a partial inside a partial", "write it out");
      return;
    }
    in_partial_ = true;
    const std::string outer = std::exchange(file_, found->second.file);
    walk_text(found->second.text);
    file_ = outer;
    in_partial_ = false;
  }

  void visit(const Tag& tag) {
    if (tag.may_number_a_list) {
      problem(
          tag.place,
          fmt::format("the line begins with {} and a full stop or bracket: a number there would "
                      "become a numbered list",
                      tag.name),
          "begin the line with a word");
    }
    for (std::size_t i = frames_.size(); i > 0; --i) {
      if (inside_frame(tag, *frames_[i - 1])) {
        return;
      }
    }
    const Field* field = text_.rules.find(tag.name);
    if (field == nullptr) {
      unknown(tag);
      return;
    }
    (subject_ ? in_subject_ : used_).insert(field->name);
    if (!field->when.terms.empty() && !condition_given(field->when)) {
      problem(tag.place,
              fmt::format("{} stands where it may be absent: it is only given if {}", tag.name,
                          field->when.text()),
              "put it inside the section of the flag");
    }
    if (tag.kind == Tag::Kind::variable) {
      if (field->kind != Kind::text) {
        problem(
            tag.place,
            fmt::format("{} is {}, which cannot be printed as it is", tag.name, kind_of(*field)),
            fmt::format("write {{{{#{0}}}}} ... {{{{/{0}}}}}", tag.name));
      }
      return;
    }
    section(tag, *field);
  }

  void section(const Tag& tag, const Field& field) {
    const bool inverted = tag.kind == Tag::Kind::inverted;
    if (field.kind == Kind::text || (field.kind == Kind::phased && inverted)) {
      problem(
          tag.place,
          fmt::format("a section on {}, which is {} and always there", tag.name, kind_of(field)),
          "only flags and lists can be asked for");
      return;
    }
    if (field.kind == Kind::flag) {
      given_.push_back({.flag = field.name, .wanted = !inverted});
      walk(tag.inside);
      given_.pop_back();
      return;
    }
    if (inverted) {
      walk(tag.inside);
      return;
    }
    frames_.push_back(&field);
    walk(tag.inside);
    frames_.pop_back();
  }

  /// Whether the name means something of the list item or phased value we are in.
  bool inside_frame(const Tag& tag, const Field& frame) {
    if (is_list(frame)) {
      const auto& names = frame.item_fields;
      if (std::find(names.begin(), names.end(), tag.name) == names.end()) {
        return false;
      }
      plain(tag);
      used_.insert(frame.name + "." + tag.name);
      return true;
    }
    if (is_phased_text(tag.name)) {
      plain(tag);
      used_.insert(frame.name + "." + tag.name);
      return true;
    }
    if (tag.name != phased_flag) {
      return false;
    }
    if (tag.kind == Tag::Kind::variable) {
      problem(tag.place, "unknown is a flag, which cannot be printed", "write {{#unknown}}");
    }
    used_.insert(frame.name + "." + tag.name);
    walk(tag.inside);
    return true;
  }

  void plain(const Tag& tag) {
    if (tag.kind != Tag::Kind::variable) {
      problem(tag.place, fmt::format("a section on {}, which is a text and always there", tag.name),
              "only flags and lists can be asked for");
    }
  }

  void unknown(const Tag& tag) {
    std::vector<std::string> names;
    for (const Field* frame : frames_) {
      names.insert(names.end(), frame->item_fields.begin(), frame->item_fields.end());
      if (frame->kind == Kind::phased) {
        names.insert(names.end(), phased_texts.begin(), phased_texts.end());
      }
    }
    for (const Field& field : text_.rules.fields) {
      names.push_back(field.name);
    }
    problem(tag.place, fmt::format("unknown field {}", tag.name), suggestion(tag.name, names));
  }

  [[nodiscard]] bool condition_given(const Condition& when) const {
    return std::all_of(when.terms.begin(), when.terms.end(), [&](const Condition::Term& term) {
      return std::find(given_.begin(), given_.end(), term) != given_.end();
    });
  }

  void report_unused(const Field& field) {
    const std::string law = text_.rules.law_of(field.name);
    const auto report = [&](const std::string& name) {
      if (used_.contains(name) || (law.empty() && in_subject_.contains(name))) {
        return;
      }
      problems_.push_back(
          {.file = text_.file,
           .place = {},
           .what = law.empty()
                       ? fmt::format("the field {} is not printed", name)
                       : fmt::format("the field {} is not printed, and the law asks for it: "
                                     "{}",
                                     name, law),
           .hint = law.empty() ? "print it, or remove it from the manifest" : "print it",
           .prevents_rendering = false});
    };
    report(field.name);
    if (!used_.contains(field.name)) {
      return;
    }
    for (const std::string& name : field.item_fields) {
      report(field.name + "." + name);
    }
    if (field.kind == Kind::phased) {
      for (const std::string_view name : phased_texts) {
        report(fmt::format("{}.{}", field.name, name));
      }
      report(fmt::format("{}.{}", field.name, phased_flag));
    }
  }

  static std::string suggestion(const std::string& name, const std::vector<std::string>& names) {
    const std::optional<std::string> near = closest(name, names);
    return near ? fmt::format("did you mean {}?", *near) : "declare it in the manifest";
  }

  void problem(Place place, std::string what, std::string hint) {
    if (subject_) {
      place = {};
      what = fmt::format("the subject of {}: {}", text_.id, what);
    }
    Problem found{.file = file_, .place = place, .what = std::move(what), .hint = std::move(hint)};
    const auto same = [&](const Problem& other) {
      return other.message() == found.message();  // a partial is walked once for each use
    };
    if (std::none_of(problems_.begin(), problems_.end(), same)) {
      problems_.push_back(std::move(found));
    }
  }

  const TemplateSet& set_;
  const Template& text_;
  std::string file_;
  bool subject_ = false;
  bool in_partial_ = false;
  std::vector<const Field*> frames_;    ///< the lists and phased values we are in, outermost first
  std::vector<Condition::Term> given_;  ///< what the sections around us say of the flags
  std::set<std::string> used_;
  std::set<std::string> in_subject_;  ///< not enough for what the law asks for
  std::vector<Problem> problems_;
};

}  // namespace

std::string Problem::message() const {
  return place.line == 0 ? fmt::format("{}: {}", file, what)
                         : fmt::format("{}:{}:{}: {}", file, place.line, place.column, what);
}

std::vector<Problem> lint(const TemplateSet& set, const Template& text) {
  return Linter{set, text}.run();
}

std::vector<Problem> lint(const TemplateSet& set) {
  std::vector<Problem> all;
  for (const Template& text : set.templates()) {
    for (Problem& problem : lint(set, text)) {
      const auto same = [&](const Problem& other) { return other.message() == problem.message(); };
      if (std::none_of(all.begin(), all.end(), same)) {
        all.push_back(std::move(problem));
      }
    }
  }
  return all;
}

}  // namespace trackier::notice
