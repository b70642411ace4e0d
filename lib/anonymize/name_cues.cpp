#include "anonymize/name_cues.hpp"

#include <array>
#include <unordered_map>

namespace trackier::anonymize {
namespace {

/// What stands before a name and says that one follows. All in lower case.
constexpr auto titles = std::to_array<std::string_view>(
    {"mr",        "mrs",     "ms",        "mx",     "dr",    "prof",    "sir",       "dame",
     "rev",       "herr",    "herrn",     "frau",   "dhr",   "mevr",    "monsieur",  "madame",
     "mme",       "mlle",    "sr",        "sra",    "srta",  "señor",   "señora",    "sig",
     "signor",    "signora", "sra",       "pan",    "pani",  "mister",  "miss",      "madam",
     "professor", "doctor",  "officer",   "judge",  "nurse", "senator", "inspector", "captain",
     "lord",      "lady",    "detective", "doktor", "dott"});
constexpr auto greetings = std::to_array<std::string_view>(
    {"dear", "hi", "hello", "hey", "hallo", "liebe", "lieber", "geehrte", "geehrter", "cher",
     "chère", "bonjour", "salut", "caro", "cara", "estimado", "estimada", "hola", "beste"});
constexpr auto those_greeted = std::to_array<std::string_view>(
    {"sir",       "sirs",   "madam", "all",     "team",       "customer", "customers", "everyone",
     "everybody", "there",  "world", "support", "colleagues", "friends",  "user",      "users",
     "damen",     "herren", "herr",  "frau",    "and",        "both"});
constexpr auto roles = std::to_array<std::string_view>(
    {"patient",   "customer",   "client",    "user",      "employee",    "applicant",
     "contact",   "student",    "tenant",    "colleague", "manager",     "attn",
     "attention", "owner",      "author",    "sender",    "recipient",   "guest",
     "visitor",   "subscriber", "member",    "driver",    "passenger",   "candidate",
     "kunde",     "kundin",     "patientin", "name",      "named",       "called",
     "agent",     "caller",     "victim",    "witness",   "beneficiary", "cardholder"});
/// Before a given name that stands alone.
constexpr auto leads = std::to_array<std::string_view>(
    {"by",  "for", "from", "with", "to",  "and", "told", "asked", "met",  "called", "contact", "of",
     "von", "an",  "für",  "mit",  "und", "que", "is",   "was",   "that", "via",    "at"});
/// Behind a given name that stands alone: what people do.
constexpr auto deeds = std::to_array<std::string_view>(
    {"said",     "says",       "lives",    "lived",     "has",          "had",      "called",
     "calls",    "asked",      "asks",     "requested", "submitted",    "reported", "wrote",
     "writes",   "is",         "was",      "will",      "would",        "wants",    "wanted",
     "attached", "listed",     "uploaded", "sent",      "sends",        "paid",     "bought",
     "ordered",  "complained", "works",    "worked",    "told",         "and",      "needs",
     "needed",   "lost",       "forgot",   "entered",   "signed",       "emailed",  "gave",
     "shared",   "received",   "used",     "provided",  "accidentally", "likes",    "can",
     "does",     "did",        "who"});
/// Before a place that is named after somebody; behind one, or behind a company.
constexpr auto before_places = std::to_array<std::string_view>(
    {"rue", "via", "calle", "avenue", "avenida", "plaza", "saint", "st", "san", "santa", "mount",
     "lake", "port", "fort", "hotel"});
constexpr auto behind_places = std::to_array<std::string_view>(
    {"Street",   "St",        "Road",     "Rd",        "Avenue",      "Ave",        "Lane",
     "Drive",    "Boulevard", "Square",   "Plaza",     "Court",       "University", "College",
     "School",   "Hospital",  "Clinic",   "Institute", "Foundation",  "Inc",        "Ltd",
     "LLC",      "GmbH",      "AG",       "Corp",      "Corporation", "Company",    "Group",
     "Bank",     "Hotel",     "Airport",  "Station",   "County",      "City",       "Park",
     "Church",   "River",     "Lake",     "Island",    "Islands",     "Bay",        "Beach",
     "Mountain", "Valley",    "Museum",   "Theatre",   "Stadium",     "Award",      "Prize",
     "Day",      "Analytics", "Software", "Systems",   "Services",    "Solutions",  "Technologies",
     "Club",     "Center",    "Centre",   "Tower",     "House",       "Hall",       "Building",
     "Bridge",   "Films",     "Records",  "Festival",  "Cathedral"});
/// Capitalized, and no part of a name.
constexpr auto never_names = std::to_array<std::string_view>(
    {"The",    "This",  "That", "These", "Those", "There",   "Then",  "Please",  "Thank",
     "Thanks", "Hello", "Hi",   "Dear",  "In",    "On",      "At",    "When",    "Where",
     "What",   "Why",   "How",  "Who",   "If",    "It",      "Is",    "Are",     "Was",
     "We",     "You",   "He",   "She",   "They",  "My",      "Your",  "His",     "Her",
     "Our",    "Their", "And",  "But",   "Or",    "Not",     "No",    "Yes",     "For",
     "From",   "With",  "By",   "To",    "Of",    "As",      "An",    "Can",     "Could",
     "Do",     "Does",  "Did",  "Has",   "Have",  "Regards", "Error", "Warning", "Failed"});
constexpr auto particles = std::to_array<std::string_view>(
    {"van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "do", "du", "la",
     "le",  "ter", "ten", "te",  "zu", "bin", "ibn",   "al", "el", "af",  "av",  "y",  "e"});

using Cues = std::unordered_map<std::string_view, unsigned>;

const Cues& all_cues() {
  static const Cues all = [] {
    Cues made;
    const auto add = [&made](const auto& words, unsigned cue) {
      for (const std::string_view word : words) {
        made[word] |= cue;
      }
    };
    add(titles, name_cue::title);
    add(greetings, name_cue::greeting);
    add(those_greeted, name_cue::greeted);
    add(roles, name_cue::role);
    add(leads, name_cue::lead);
    add(deeds, name_cue::deed);
    add(before_places, name_cue::before_place);
    add(behind_places, name_cue::place);
    add(never_names, name_cue::never_name);
    add(particles, name_cue::particle);
    return made;
  }();
  return all;
}

}  // namespace

unsigned name_cues_of(std::string_view word) {
  constexpr std::size_t longest = 12;
  if (word.empty() || word.size() > longest) {
    return 0;
  }
  const Cues& all = all_cues();
  const auto found = all.find(word);
  return found == all.end() ? 0 : found->second;
}

}  // namespace trackier::anonymize
