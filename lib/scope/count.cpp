#include "scope/count.hpp"

#include <algorithm>
#include <map>
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
  TenantPeople people;
  std::map<std::string, CountryPeople> countries;
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
  struct Cells {
    Tenant* tenant;
    CountryPeople* country;
  };
  std::vector<Cells> cells;
  cells.reserve(found.groups.size());
  for (const Findings::Group& group : found.groups) {
    Tenant& tenant = tenants[group.tenant];
    cells.push_back({&tenant, &tenant.countries[group.country]});
  }
  std::span<const Token> tokens = found.tokens;
  for (const Findings::Match& match : found.matches) {
    const Cells& cell = cells[match.group];
    cell.tenant->people.add(tokens.first(match.tokens), identified);
    cell.country->add(identified);
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
                          const Bounds& people) {
    return Cell{.tenant = tenant,
                .country = country,
                .exposures = people.exposures(),
                .records = people.records(),
                .people_lower = people.lower(),
                .people_upper = people.upper()};
  };
  Result result = std::move(state_->result);
  while (!state_->tenants.empty()) {  // one by one, so that their memory goes as the result grows
    const auto node = state_->tenants.extract(state_->tenants.begin());
    const std::string& name = node.key();
    Tenant& tenant = node.mapped();
    result.tenants.push_back(cell_of(name, {}, tenant.people));
    result.without_person += tenant.people.records() - tenant.people.exposures();
    result.without_tenant += name.empty() ? tenant.people.records() : 0U;
    for (const auto& [country, people] : tenant.countries) {
      result.countries.push_back(cell_of(name, country, people));
    }
    result.tokens.push_back({name, tenant.people.release()});
    std::ranges::sort(result.tokens.back().tokens);
  }
  return result;
}

}  // namespace trackier::scope
