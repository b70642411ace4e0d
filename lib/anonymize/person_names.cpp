#include "anonymize/person_names.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "anonymize/characters.hpp"
#include "anonymize/name_cues.hpp"
#include "anonymize/name_lists.hpp"
#include "anonymize/name_words.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {
namespace {

using character::at;

struct Part {
  NameWord word;
  KnownName known;
  bool particle = false;
  bool place = false;  ///< Street, University: what it ends is no person
};

constexpr std::size_t most_parts = 6;
constexpr std::size_t most_words = 4;  // of a name, particles aside

/// Capitalized words, initials and particles, one space apart.
struct Run {
  std::array<Part, most_parts> parts;
  std::size_t count = 0;

  [[nodiscard]] std::span<const Part> from(std::size_t first) const {
    return std::span{parts}.subspan(first, count - first);
  }
};

KnownName known_part(std::string_view text, const NameWord& word) {
  const std::string_view spelled = word.in(text);
  if (word.spelling == Spelling::capitals) {
    return known_name(capitalized(spelled));
  }
  const KnownName known = known_name(spelled);
  const std::size_t hyphen = spelled.find('-');
  return known.given || known.family || hyphen == std::string_view::npos
             ? known
             : known_name(spelled.substr(0, hyphen));
}

bool is_wanted(const NameWord& word, Spelling like) {
  return word.spelling == Spelling::initial || word.spelling == like;
}

Run run_at(std::string_view text, std::size_t begin) {
  Run run;
  const Spelling like = name_word_at(text, begin).spelling == Spelling::capitals
                            ? Spelling::capitals
                            : Spelling::capitalized;
  std::size_t i = begin;
  std::size_t names_end = 0;  // parts up to the last that is no particle
  while (run.count < most_parts) {
    const NameWord word = name_word_at(text, i);
    const unsigned cues = word.closed ? name_cues_of(word.in(text)) : name_cue::never_name;
    Part part{.word = word, .place = (cues & name_cue::place) != 0};
    if (is_wanted(word, like) && (cues & name_cue::never_name) == 0) {
      part.known = known_part(text, word);
    } else if (run.count > 0 && (cues & name_cue::particle) != 0) {
      part.particle = true;
    } else {
      break;
    }
    run.parts[run.count++] = part;
    names_end = part.particle ? names_end : run.count;
    if (word.possessive || at(text, word.end) != ' ') {
      break;
    }
    i = word.end + 1;
  }
  run.count = names_end;
  return run;
}

/// What the word before `begin` is, past one space and a full stop, colon or comma.
unsigned cues_before(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  if (end > 0 && text[end - 1] == ' ') {
    --end;
  }
  while (end > 0 && (text[end - 1] == '.' || text[end - 1] == ':' || text[end - 1] == ',')) {
    --end;
  }
  return end == begin ? 0 : name_cues_of(ascii_lower(word_before(text, end)));
}

bool begins_sentence(std::string_view text, std::size_t begin) {
  std::size_t i = begin;
  while (i > 0 && std::string_view{" \"'(["}.find(text[i - 1]) != std::string_view::npos) {
    --i;
  }
  return i == 0 ||
         std::string_view{".!?:\n\r\t>|*-,;=]"}.find(text[i - 1]) != std::string_view::npos;
}

bool introduces(std::string_view text, std::size_t begin) {
  for (const std::string_view phrase :
       {"name is ", "i am ", "i'm ", "this is ", "signed by ", "ich bin ", "mein name ist ",
        "je suis ", "soy ", "me llamo ", "je m'appelle "}) {
    if (character::ends_with_word(text, begin, phrase)) {
      return true;
    }
  }
  return false;
}

bool is_sure_given(const Part& part) {
  return part.known.given && !part.known.word;
}

bool is_sure_family(const Part& part) {
  return part.known.family && !part.known.word;
}

std::size_t words_in(std::span<const Part> parts) {
  return static_cast<std::size_t>(
      std::ranges::count_if(parts, [](const Part& part) { return !part.particle; }));
}

/// Whether a given name that stands alone is somebody who does something.
bool acts(std::string_view text, const Part& part) {
  if (part.word.possessive) {
    return true;
  }
  if (at(text, part.word.end) != ' ') {
    return false;
  }
  const NameWord next = name_word_at(text, part.word.end + 1);
  return (name_cues_of(next.in(text)) & name_cue::deed) != 0;
}

/// Whether the parts are a name of a person, by themselves or by what stands before them.
bool is_person(std::string_view text, std::span<const Part> parts) {
  const Part& first = parts.front();
  const Part& last = parts.back();
  const std::size_t begin = first.word.begin;
  const unsigned cues = cues_before(text, begin);
  const bool capitals = first.word.spelling == Spelling::capitals;
  if ((cues & name_cue::before_place) != 0 || std::ranges::any_of(parts, &Part::place)) {
    return false;
  }
  const unsigned own_cues = name_cues_of(ascii_lower(first.word.in(text)));
  if (first.particle || (own_cues & (name_cue::title | name_cue::role)) != 0) {
    return false;
  }
  const std::size_t words = words_in(parts);
  const bool is_initial = first.word.spelling == Spelling::initial;
  const bool is_listed = first.known.given || first.known.family;
  if ((cues & name_cue::title) != 0) {
    return !is_initial || words > 1;
  }
  if ((cues & name_cue::greeting) != 0) {
    return !is_initial && !capitals && (own_cues & name_cue::greeted) == 0;
  }
  if (introduces(text, begin)) {
    return is_listed || (words > 1 && last.known.family);
  }
  if (capitals) {
    return words > 1 && is_sure_given(first) && last.known.family;
  }
  if ((cues & name_cue::role) != 0 &&
      (is_sure_given(first) || (words > 1 && (first.known.given || last.known.family)))) {
    return true;
  }
  if (words > 1) {
    const bool family_follows = is_sure_family(last) || (is_initial && last.known.family);
    return is_sure_given(first) || (first.known.given && family_follows) ||
           (family_follows && (is_initial || !begins_sentence(text, begin)));
  }
  return is_sure_given(first) && (acts(text, first) || (cues & name_cue::lead) != 0);
}

/// "Doe, Jane": the end of the given name behind the comma; 0 when that is none.
std::size_t turned_name_end(std::string_view text, const Part& family) {
  if (!is_sure_family(family) || family.word.spelling != Spelling::capitalized ||
      family.word.possessive || text.substr(family.word.end, 2) != ", " ||
      !begins_capital_word(text, family.word.end + 2)) {
    return 0;
  }
  const NameWord given = name_word_at(text, family.word.end + 2);
  const Part part{.word = given, .known = known_part(text, given)};
  const bool list_goes_on = text.substr(given.end, 2) == ", ";
  return given.spelling == Spelling::capitalized && given.closed && is_sure_given(part) &&
                 !list_goes_on
             ? given.end
             : 0;
}

/// The end of the name that begins with the first of these parts.
std::size_t name_end(std::span<const Part> parts) {
  std::size_t words = 0;
  std::size_t end = parts.front().word.end;
  for (const Part& part : parts) {
    words += part.particle ? 0U : 1U;
    if (words > most_words) {
      break;
    }
    end = part.particle ? end : part.word.end;
  }
  return end;
}

/// Words that nobody knows, and that nothing announces, are most of what is capitalized.
bool may_hold_person(std::string_view text, std::span<const Part> parts) {
  return std::ranges::any_of(parts, [text](const Part& part) {
    return part.known.given || part.known.family ||
           (cues_before(text, part.word.begin) & (name_cue::title | name_cue::greeting)) != 0;
  });
}

/// Where a name is among the parts: the number of the first one of it; their count when there is
/// none. "Applicant Jane Doe": where a known given name begins goes before where any may begin, and
/// several words before one.
std::size_t find_person(std::string_view text, std::span<const Part> parts) {
  const auto find = [&](auto may_begin) {
    for (std::size_t first = 0; first < parts.size(); ++first) {
      if (may_begin(parts.subspan(first)) && is_person(text, parts.subspan(first))) {
        return first;
      }
    }
    return parts.size();
  };
  const auto has_more = [](std::span<const Part> from) { return words_in(from) > 1; };
  std::size_t found =
      find([&](std::span<const Part> from) { return from.front().known.given && has_more(from); });
  found = found < parts.size() ? found : find(has_more);
  return found < parts.size() ? found : find([](std::span<const Part>) { return true; });
}

std::span<const Part> without_particles_behind(std::span<const Part> parts) {
  while (!parts.empty() && parts.back().particle) {
    parts = parts.first(parts.size() - 1);
  }
  return parts;
}

/// Appends the names among the parts, and returns the end of the last; 0 when there is none.
std::size_t add_names(std::string_view text, std::span<const Part> parts,
                      std::vector<Match>& matches) {
  parts = without_particles_behind(parts);
  const std::size_t first = find_person(text, parts);
  if (first == parts.size()) {
    return 0;
  }
  add_names(text, parts.first(first), matches);
  const std::size_t end = name_end(parts.subspan(first));
  matches.push_back(*match_of(Kind::name, parts[first].word.begin, end));
  return end;
}

/// Looks at the run that begins here, and returns where the search goes on.
std::size_t look_at(std::string_view text, std::size_t begin, std::vector<Match>& matches) {
  const Run run = run_at(text, begin);
  if (run.count == 0) {
    return std::max(name_word_at(text, begin).end, begin + 1);
  }
  if (!may_hold_person(text, run.from(0))) {
    return run.parts[run.count - 1].word.end;
  }
  if (const std::size_t end = add_names(text, run.from(0), matches); end > 0) {
    return end;
  }
  const Part& last = run.parts[run.count - 1];
  if (const std::size_t end = turned_name_end(text, last); end > 0) {
    matches.push_back(*match_of(Kind::name, last.word.begin, end));
    return end;
  }
  return last.word.end;
}

}  // namespace

void find_person_names(std::string_view text, std::vector<Match>& matches) {
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (character::is(c, character::upper | character::high) && begins_capital_word(text, i)) {
      i = look_at(text, i, matches);
    } else {
      ++i;
    }
  }
}

}  // namespace trackier::anonymize
