#pragma once
/// Counts of logs in memory, shown as text.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/hexadecimal.hpp"
#include "crypto/mac.hpp"
#include "scope/count.hpp"
#include "support/streams.hpp"

namespace trackier::scope::test_counting {

inline constexpr std::string_view key_text = "0123456789abcdef0123456789abcdef";
inline constexpr Moment from = std::chrono::sys_days{std::chrono::year{2026} / 11 / 27};
inline constexpr Moment to = from + std::chrono::hours{24};
inline const std::string noon = R"("ts":"2026-11-27T12:00:00Z")";

inline Request request(const std::string& exposed = "true",
                       std::vector<std::string> person_fields = {"user"}) {
  return {.from = from,
          .to = to,
          .exposed = Expression::parse(exposed),
          .person_fields = std::move(person_fields)};
}

inline Result count(const Request& asked, const std::vector<std::string>& files,
                    std::size_t piece = std::string::npos) {
  Counter counter{asked, crypto::Secret::copy_of(as_bytes(key_text))};
  for (std::size_t i = 0; i < files.size(); ++i) {
    test::MemorySource source{files[i], piece};
    counter.add(fmt::format("log.{}", i), source, {});
  }
  return counter.finish();
}

/// Everything but names and digests of the inputs, and tokens as digits.
inline std::string shown(const Result& result) {
  std::string all = fmt::format(
      "lines {} blank {} unparsed {} untimed {} untimed_exposed {} outside {} matched {} "
      "without_tenant {} without_person {}\n",
      result.lines, result.blank, result.unparsed, result.untimed, result.untimed_exposed,
      result.outside_window, result.matched, result.without_tenant, result.without_person);
  const auto add_cells = [&all](const std::vector<Cell>& cells) {
    for (const Cell& cell : cells) {
      all += fmt::format("[{}] [{}] exposures {} records {} people {} to {}\n", cell.tenant,
                         cell.country, cell.exposures, cell.records, cell.people_lower,
                         cell.people_upper);
    }
  };
  add_cells(result.tenants);
  add_cells(result.countries);
  for (const TenantTokens& each : result.tokens) {
    for (const Token& token : each.tokens) {
      all += fmt::format("[{}] {}\n", each.tenant, hexadecimal(token));
    }
  }
  return all;
}

inline Token token_of(std::string_view identifier) {
  const crypto::Mac mac = crypto::MacKey{as_bytes(key_text)}.mac(as_bytes(identifier));
  Token token;
  std::copy_n(mac.begin(), token.size(), token.begin());
  return token;
}

}  // namespace trackier::scope::test_counting
