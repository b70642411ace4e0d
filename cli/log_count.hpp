#pragma once
/// Whom logs name, counted: the files that patterns mean, opened where they are sealed.

#include <optional>
#include <string>
#include <vector>

#include "affected_people.hpp"
#include "context.hpp"
#include "envelope/identity.hpp"
#include "identities.hpp"
#include "incident/event.hpp"
#include "scope/count.hpp"

namespace trackier::cli {

/// The files that patterns name, each once whatever it is called, in order. Throws
/// Error{Code::no_input} for a pattern that names none.
std::vector<std::string> log_files(Context& context, const std::vector<std::string>& patterns);

class LogCount {
 public:
  struct Options {
    std::optional<unsigned> threads;  ///< none: one for each processor
    const IdentityOptions& identities;
  };

  LogCount(Context& context, const Options& options) : context_(context), options_(options) {}

  /// The keys for those of the files that are sealed, which run() fetches otherwise.
  void fetch_identities(const std::vector<std::string>& files);

  /// Counts what `asked` says over files; the result as an event, without a name.
  incident::ScopeCounted run(incident::ScopeCounted asked, const std::vector<std::string>& files,
                             AffectedPeople& affected);

  /// Of the last run.
  [[nodiscard]] const scope::Result& result() const { return result_; }

 private:
  void add(scope::Counter& counter, const std::string& path);

  Context& context_;
  Options options_;
  std::optional<envelope::Identities> identities_;
  scope::Result result_;
};

}  // namespace trackier::cli
