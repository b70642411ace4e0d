#pragma once
/// Whom a breach touched, counted from logs: how many records, how many people at least and at
/// most, tenant by tenant and country by country.
///
/// Logs are read line by line: JSON objects, and the access logs of web servers, each line for
/// itself; plain, gzip or zstd. Of what identifies people nothing is kept beyond its line but keyed
/// hashes. The result is the same for any number of threads.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/stream.hpp"
#include "crypto/secret.hpp"
#include "scope/expression.hpp"
#include "scope/moment.hpp"
#include "scope/people.hpp"

namespace trackier::scope {

/// Fields are paths, see is_field_path(); in access logs they are those of AccessLineReader.
struct Request {
  Moment from;  ///< the first moment that counts
  Moment to;    ///< the first that does not any more
  Expression exposed;
  /// Of each, a text that is not empty, or a number, identifies somebody; anything else does not.
  /// The same text in two fields is the same identifier, and 42 is "42". What contains an @ is
  /// compared without white space around it and with small ASCII letters.
  std::vector<std::string> person_fields;
  std::string tenant_field = "tenant_id";  ///< "" for none; a value as those of people
  std::string country_field = "country";   ///< the same; compared as written
  std::string time_field = "ts";           ///< see read_moment(); access logs have their own
  unsigned threads = 1;
};

struct InputFile {
  std::string name;
  std::uint64_t bytes = 0;  ///< as given, that is compressed if it was
  std::uint64_t lines = 0;
  std::string sha256;  ///< of those bytes, in small hexadecimal digits
};

/// What is counted of a tenant, or of a tenant in a country.
///
/// A record carries a set of identifiers: one for each person field that has a value, none in the
/// worst case. Two identifiers are linked when one record carries both, or when a chain of such
/// records leads from one to the other.
///
/// people_lower: the groups of linked identifiers; 1 if there is none, but a record without
/// identifiers. There are no fewer people as long as nobody appears under identifiers that no chain
/// of records links.
///
/// people_upper: the distinct sets of identifiers, and each record without identifiers as one
/// more. There are no more people as long as records that carry the very same set are about the
/// same person.
///
/// lower <= upper: each group contains a set, and no set is in two.
struct Cell {
  std::string tenant;           ///< "": the records that name none
  std::string country;          ///< the same
  std::uint64_t exposures = 0;  ///< records that carry an identifier
  std::uint64_t records = 0;    ///< all of them
  std::uint64_t people_lower = 0;
  std::uint64_t people_upper = 0;
};

struct TenantTokens {
  std::string tenant;
  std::vector<Token> tokens;  ///< of every identifier in its records; sorted, each once
};

/// Every line is one of: blank, unparsed, untimed, outside the window, not exposed, matched.
struct Result {
  std::vector<InputFile> inputs;  ///< in the order in which they were added
  std::uint64_t lines = 0;
  std::uint64_t blank = 0;
  std::uint64_t unparsed = 0;         ///< neither of the formats, or longer than 16 MiB
  std::uint64_t untimed = 0;          ///< records of which it cannot be read when they were written
  std::uint64_t untimed_exposed = 0;  ///< those of them that match all the same; in no cell
  std::uint64_t outside_window = 0;
  std::uint64_t matched = 0;
  std::uint64_t without_tenant = 0;  ///< of those matched: they are the cell of tenant ""
  std::uint64_t without_person = 0;  ///< of those matched: no identifier
  std::vector<Cell> tenants;         ///< all countries together; sorted
  std::vector<Cell> countries;       ///< sorted by tenant, then country
  std::vector<TenantTokens> tokens;  ///< sorted by tenant; one for each of `tenants`
};

/// Not thread-safe; the threads are its own. Memory: about 3 MiB a thread (48 when lines are as
/// long as they may be), about 46 bytes for each identifier of a tenant, and 33 for each of its
/// distinct sets of two or more: 10 million people known by one identifier are 463 MiB, known by
/// two 1.3 GiB.
class Counter {
 public:
  /// Throws Error{Code::usage}: a field that is none, no person field, a window that is empty.
  Counter(Request request, const crypto::Secret& key);
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;
  Counter(Counter&&) = delete;
  Counter& operator=(Counter&&) = delete;
  ~Counter();

  /// Reads all of `input`, the bytes of a file as they are. Returns early when `stop` is requested.
  /// Throws Error of code data when it is damaged (the message begins with the name), and what the
  /// input throws. After any of these the counts are of no use.
  void add(const std::string& name, Source& input, const std::stop_token& stop);

  /// Once, at the end.
  [[nodiscard]] Result finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::scope
