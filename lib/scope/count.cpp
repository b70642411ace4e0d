#include "scope/count.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <span>
#include <utility>

#include "anonymize/chunker.hpp"
#include "codec/decoder.hpp"
#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "flow/ordered_parallel.hpp"
#include "scope/line_reader.hpp"

namespace trackier::scope {

namespace {

constexpr anonymize::ChunkLimits limits{.chunk_bytes = std::size_t{1024} * 1024,
                                        .record_bytes = std::size_t{16} * 1024 * 1024,
                                        .fill = true};

/// Passes on what it reads, counted and digested.
class DigestedSource final : public Source {
 public:
  explicit DigestedSource(Source& input) : input_(input) {}

  std::size_t read(MutBytes into) override {
    const std::size_t got = input_.read(into);
    bytes_ += got;
    digest_.add(into.first(got));
    return got;
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::string finish() { return hexadecimal(digest_.finish()); }

 private:
  Source& input_;
  std::uint64_t bytes_ = 0;
  crypto::Sha256 digest_;
};

struct Tenant {
  TenantPeople all;
  CountryPeople by_country;
  std::map<std::string, std::uint32_t> countries;  ///< their numbers in by_country
};

/// The order of std::array, in two comparisons instead of sixteen.
bool is_before(const Token& left, const Token& right) {
  if constexpr (std::endian::native == std::endian::little) {
    std::array<std::uint64_t, 2> ours{};
    std::array<std::uint64_t, 2> theirs{};
    std::memcpy(ours.data(), left.data(), left.size());
    std::memcpy(theirs.data(), right.data(), right.size());
    const std::size_t at = ours[0] == theirs[0] ? 1 : 0;
    return __builtin_bswap64(ours.at(at)) < __builtin_bswap64(theirs.at(at));
  } else {
    return left < right;
  }
}

/// Goes through matches ahead of the one that is counted.
class Lookahead {
 public:
  explicit Lookahead(const Findings& found) : found_(found), tokens_(found.tokens) {}

  /// Visits the matches before `end` that have not been visited.
  template <typename Visit>
  void advance(std::size_t end, const Visit& visit) {
    for (; next_ < std::min(end, found_.matches.size()); ++next_) {
      const Findings::Match& match = found_.matches[next_];
      visit(match, tokens_.first(match.tokens));
      tokens_ = tokens_.subspan(match.tokens);
    }
  }

 private:
  const Findings& found_;
  std::span<const Token> tokens_;
  std::size_t next_ = 0;
};

struct Item {
  anonymize::Chunk chunk;
  std::unique_ptr<LineReader> reader;
  Findings findings;
};

}  // namespace

struct Counter::State {
  State(Request request, const crypto::Secret& key) : plan(std::move(request), key) {}

  void merge(const Findings& found);

  Plan plan;
  Result result;
  std::map<std::string, Tenant> tenants;
  Identified identified;  // room
};

void Counter::State::merge(const Findings& found) {
  result.lines += found.lines;
  result.blank += found.blank;
  result.unparsed += found.unparsed;
  result.untimed += found.untimed;
  result.untimed_exposed += found.untimed_exposed;
  result.outside_window += found.outside_window;
  result.matched += found.matches.size();
  struct Place {
    Tenant* tenant;
    std::uint32_t country;
  };
  std::vector<Place> places;
  places.reserve(found.groups.size());
  for (const Findings::Group& group : found.groups) {
    Tenant& tenant = tenants[group.tenant];
    const auto next = static_cast<std::uint32_t>(tenant.countries.size());
    places.push_back({&tenant, tenant.countries.try_emplace(group.country, next).first->second});
  }
  // The tables are larger than the caches. What will be looked up soon is fetched meanwhile.
  constexpr std::size_t slots_ahead = 16;
  constexpr std::size_t tokens_ahead = 8;
  Lookahead slots{found};
  Lookahead stored{found};
  const auto fetch_slots = [&](const Findings::Match& match, std::span<const Token> tokens) {
    for (const Token& token : tokens) {
      places[match.group].tenant->all.numbers().prefetch_slot(token);
    }
  };
  const auto fetch_tokens = [&](const Findings::Match& match, std::span<const Token> tokens) {
    for (const Token& token : tokens) {
      places[match.group].tenant->all.numbers().prefetch_token(token);
    }
  };
  std::span<const Token> tokens = found.tokens;
  for (std::size_t i = 0; i < found.matches.size(); ++i) {
    slots.advance(i + slots_ahead, fetch_slots);
    stored.advance(i + tokens_ahead, fetch_tokens);
    const Findings::Match& match = found.matches[i];
    const Place& place = places[match.group];
    place.tenant->all.add(tokens.first(match.tokens), identified);
    place.tenant->by_country.add(identified, place.country);
    tokens = tokens.subspan(match.tokens);
  }
}

Counter::Counter(Request request, const crypto::Secret& key)
    : state_(std::make_unique<State>(std::move(request), key)) {}

Counter::~Counter() = default;

void Counter::add(const std::string& name, Source& input, const std::stop_token& stop) {
  DigestedSource digested{input};
  codec::Decoder decoder{digested};
  anonymize::Chunker chunker{decoder, limits};
  const std::uint64_t lines_before = state_->result.lines;

  const auto take = [&](Item& item) {
    if (!item.reader) {
      item.reader = std::make_unique<LineReader>(state_->plan);
    }
    if (!chunker.next(item.chunk)) {
      return false;
    }
    if (item.chunk.part != anonymize::Chunk::Part::whole) {
      chunker.consume(item.chunk.bytes.size());
    }
    return true;
  };
  const auto work = [](Item& item) {
    if (item.chunk.part == anonymize::Chunk::Part::whole) {
      item.reader->read(item.chunk.bytes.text(), item.findings);
      return;
    }
    item.findings.clear();
    if (item.chunk.part == anonymize::Chunk::Part::tail) {  // of a line too long to be held
      ++item.findings.lines;
      ++item.findings.unparsed;
    }
  };
  const auto give = [&](Item& item) { state_->merge(item.findings); };
  flow::OrderedParallel<Item, decltype(take), decltype(work), decltype(give)> parallel{take, work,
                                                                                       give};
  doing(printable(name), [&] { parallel.run(state_->plan.request.threads, stop); });
  if (!stop.stop_requested()) {
    state_->result.inputs.push_back({.name = name,
                                     .bytes = digested.bytes(),
                                     .lines = state_->result.lines - lines_before,
                                     .sha256 = digested.finish()});
  }
}

Result Counter::finish() {
  const auto cell_of = [](const std::string& tenant, const std::string& country,
                          const People& people) {
    return Cell{.tenant = tenant,
                .country = country,
                .exposures = people.exposures(),
                .records = people.records,
                .people_lower = people.lower(),
                .people_upper = people.upper()};
  };
  Result& result = state_->result;
  std::map<std::string, Tenant>& tenants = state_->tenants;
  struct Finished {
    std::string name;
    Tenant tenant;
    std::vector<Token> tokens;
  };
  const auto take = [&](Finished& item) {
    if (tenants.empty()) {
      return false;
    }
    auto node = tenants.extract(tenants.begin());
    item.name = std::move(node.key());
    item.tenant = std::move(node.mapped());
    return true;
  };
  const auto work = [](Finished& item) {
    item.tokens = item.tenant.all.release();
    std::ranges::sort(item.tokens, is_before);
  };
  const auto give = [&](Finished& item) {
    const People& people = item.tenant.all.people();
    result.tenants.push_back(cell_of(item.name, {}, people));
    result.without_person += people.nameless;
    result.without_tenant += item.name.empty() ? people.records : 0U;
    for (const auto& [country, number] : item.tenant.countries) {
      result.countries.push_back(
          cell_of(item.name, country, item.tenant.by_country.people(number)));
    }
    result.tokens.push_back({std::move(item.name), std::move(item.tokens)});
    item.tenant = {};
  };
  flow::OrderedParallel<Finished, decltype(take), decltype(work), decltype(give)> parallel{
      take, work, give};
  parallel.run(state_->plan.request.threads, {});
  return std::move(state_->result);
}

}  // namespace trackier::scope
