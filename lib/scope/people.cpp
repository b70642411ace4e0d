#include "scope/people.hpp"

#include <algorithm>
#include <cstring>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::scope {

namespace {

constexpr std::size_t first_slots = 16;

std::size_t place_of(const Token& token) {
  std::size_t place = 0;
  std::memcpy(&place, token.data(), sizeof place);
  return place;
}

/// Whether another one would fill more than three quarters.
bool is_full(std::size_t size, std::size_t slots) {
  return (size + 1) * 4 > slots * 3;
}

void refuse_too_many(std::size_t size) {
  if (size >= UINT32_MAX - 1) {
    throw Error{Code::data, "more than 4 billion identifiers of one tenant",
                "count the days one by one"};
  }
}

/// The exclusive or of the tokens of a set names it, in whatever order they come: as tokens are
/// random, other sets have other names.
void add_to_name(const Token& token, Token& name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    name[i] ^= token[i];
  }
}

/// With a quarter of room rather than as much again: there are tables of millions.
template <typename Element>
void append(std::vector<Element>& elements, const Element& element) {
  if (elements.size() == elements.capacity()) {
    elements.reserve(elements.size() + elements.size() / 4 + first_slots);
  }
  elements.push_back(element);
}

}  // namespace

std::optional<Token> token_of(const crypto::MacKey& key, std::string_view identifier,
                              std::string& room) {
  constexpr std::string_view white_space = " \t\r\n\v\f";
  if (identifier.find('@') != std::string_view::npos) {
    const std::size_t first =
        std::min(identifier.find_first_not_of(white_space), identifier.size());
    const std::size_t end = identifier.find_last_not_of(white_space) + 1;
    room = ascii_lower(identifier.substr(first, std::max(end, first) - first));
    identifier = room;
  }
  if (identifier.empty()) {
    return std::nullopt;
  }
  const crypto::Mac mac = key.mac(as_bytes(identifier));
  Token token;
  std::memcpy(token.data(), mac.data(), token.size());
  return token;
}

std::pair<std::uint32_t, bool> TokenNumbers::add(const Token& token) {
  if (is_full(tokens_.size(), slots_.size())) {
    grow();
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t place = place_of(token) & mask;
  for (; slots_[place] != 0; place = (place + 1) & mask) {
    if (tokens_[slots_[place] - 1] == token) {
      return {slots_[place] - 1, false};
    }
  }
  refuse_too_many(tokens_.size());
  append(tokens_, token);
  slots_[place] = static_cast<std::uint32_t>(tokens_.size());
  return {slots_[place] - 1, true};
}

void TokenNumbers::prefetch_slot(const Token& token) const {
  if (!slots_.empty()) {
    __builtin_prefetch(&slots_[place_of(token) & (slots_.size() - 1)]);
  }
}

void TokenNumbers::prefetch_token(const Token& token) const {
  const std::uint32_t slot = slots_.empty() ? 0 : slots_[place_of(token) & (slots_.size() - 1)];
  if (slot != 0) {
    __builtin_prefetch(&tokens_[slot - 1]);
  }
}

void TokenNumbers::grow() {
  const std::size_t slots = std::max(first_slots, slots_.size() * 2);
  slots_ = {};  // the old ones go first
  slots_.resize(slots);
  for (std::size_t number = 0; number < tokens_.size(); ++number) {
    std::size_t place = place_of(tokens_[number]) & (slots - 1);
    while (slots_[place] != 0) {
      place = (place + 1) & (slots - 1);
    }
    slots_[place] = static_cast<std::uint32_t>(number + 1);
  }
}

std::vector<Token> TokenNumbers::release() {
  slots_ = {};
  return std::exchange(tokens_, {});
}

PairNumbers::Slot& PairNumbers::slot(std::uint32_t left, std::uint32_t right) {
  const std::size_t mask = slots_.size() - 1;
  const std::uint64_t both = std::uint64_t{left} << 32U | right;
  // Fibonacci hashing: numbers that follow each other are spread.
  std::size_t place = ((both * 0x9e3779b97f4a7c15U) >> 32U) & mask;
  while (slots_[place].number != none &&
         (slots_[place].left != left || slots_[place].right != right)) {
    place = (place + 1) & mask;
  }
  return slots_[place];
}

std::pair<std::uint32_t, bool> PairNumbers::add(std::uint32_t left, std::uint32_t right,
                                                std::uint32_t number) {
  if (is_full(size_, slots_.size())) {
    grow();
  }
  Slot& found = slot(left, right);
  if (found.number != none) {
    return {found.number, false};
  }
  found = {left, right, number};
  ++size_;
  return {number, true};
}

void PairNumbers::grow() {
  const std::vector<Slot> old = std::exchange(slots_, {});
  slots_.resize(std::max(first_slots, old.size() * 2));
  for (const Slot& each : old) {
    if (each.number != none) {
      slot(each.left, each.right) = each;
    }
  }
}

void Links::add() {
  refuse_too_many(parents_.size());
  append(parents_, size());
}

std::uint32_t Links::root(std::uint32_t node) {
  while (parents_[node] != node) {
    parents_[node] = parents_[parents_[node]];
    node = parents_[node];
  }
  return node;
}

bool Links::link(std::uint32_t left, std::uint32_t right) {
  if (left == right) {
    return false;
  }
  const std::uint32_t left_root = root(left);
  const std::uint32_t right_root = root(right);
  parents_[std::max(left_root, right_root)] = std::min(left_root, right_root);
  return left_root != right_root;
}

void TenantPeople::add(std::span<const Token> tokens, Identified& found) {
  ++people_.records;
  found.identifiers.clear();
  Token name{};
  for (const Token& token : tokens) {
    const auto [number, is_new] = numbers_.add(token);
    if (is_new) {
      links_.add();
      alone_.push_back(false);
      ++people_.groups;
    }
    if (std::ranges::find(found.identifiers, number) == found.identifiers.end()) {
      found.identifiers.push_back(number);
      add_to_name(token, name);
      people_.groups -= links_.link(found.identifiers.front(), number) ? 1U : 0U;
    }
  }
  if (found.identifiers.empty()) {
    ++people_.nameless;
  } else if (found.identifiers.size() == 1) {
    people_.sets += alone_[found.identifiers.front()] ? 0U : 1U;
    alone_[found.identifiers.front()] = true;
  } else {
    const auto [set, is_new] = larger_sets_.add(name);
    found.set = set;
    people_.sets += is_new ? 1U : 0U;
  }
}

void CountryPeople::add(const Identified& found, std::uint32_t country) {
  if (country == people_.size()) {
    people_.emplace_back();
  }
  People& people = people_[country];
  ++people.records;
  if (found.identifiers.empty()) {
    ++people.nameless;
    return;
  }
  const std::uint32_t front = node_of(found.identifiers.front(), country);
  for (const std::uint32_t identifier : std::span{found.identifiers}.subspan(1)) {
    people.groups -= links_.link(front, node_of(identifier, country)) ? 1U : 0U;
  }
  if (found.identifiers.size() > 1) {
    people.sets += is_new_set(found.set, country) ? 1U : 0U;
  } else {
    people.sets += alone_[front] ? 0U : 1U;
    alone_[front] = true;
  }
}

std::uint32_t CountryPeople::node_of(std::uint32_t identifier, std::uint32_t country) {
  const std::uint32_t next = links_.size();
  std::uint32_t node = next;
  if (identifier == homes_.size()) {
    append(homes_, Home{country, next});
  } else if (const Home& home = homes_[identifier]; home.country == country) {
    node = home.node;
  } else {
    node = abroad_.add(country, identifier, next).first;
  }
  if (node == next) {
    links_.add();
    alone_.push_back(false);
    ++people_[country].groups;
  }
  return node;
}

bool CountryPeople::is_new_set(std::uint32_t set, std::uint32_t country) {
  if (set == set_home_.size()) {
    append(set_home_, country);
    return true;
  }
  return set_home_[set] != country && sets_abroad_.add(country, set, 0).second;
}

}  // namespace trackier::scope
