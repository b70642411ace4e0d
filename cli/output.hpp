#pragma once
/// How the program speaks: standard output carries the result, standard error everything else.

#include <memory>
#include <string>
#include <string_view>

#include "args.hpp"
#include "core/error.hpp"
#include "os/file.hpp"
#include "progress.hpp"

namespace trackier::cli {

struct OutputOptions {
  bool quiet = false;
  int verbose = 0;
  bool colour = false;    ///< of messages on standard error
  bool attended = false;  ///< somebody reads standard error as it is written: a terminal
};

/// Used by one thread.
class Output {
 public:
  Output(const OutputOptions& options, Progress& progress);

  /// Appends to the result. Kept back until there is more of it, or until finish(). Throws what
  /// writing throws.
  void result(std::string_view text);

  /// Writes what was kept back of the result. Whatever is still kept back then, a run did not
  /// promise.
  void finish();

  void error(const Error& error);       ///< never quiet; with its hint
  void warning(std::string_view text);  ///< never quiet
  void note(std::string_view text);     ///< not with -q
  void detail(std::string_view text);   ///< a note that needs -v
  void caveat(std::string_view text);   ///< a note of what a success does not mean, for who is
                                        ///< there: on a terminal, or with -v
  void summary(std::string_view text);  ///< how it went, as a note, for who is there: as caveat()
  void say(std::string_view text);      ///< a report that was asked for, as it is

  [[nodiscard]] bool is_verbose() const { return options_.verbose > 0 && !options_.quiet; }

 private:
  void message(std::string_view kind, std::string_view colour, std::string_view text);

  OutputOptions options_;
  Progress& progress_;
  std::unique_ptr<os::File> standard_output_;
  std::string pending_;
};

/// Writes to standard error. What cannot be written there, nobody can be told.
void write_error_stream(std::string_view text) noexcept;

}  // namespace trackier::cli
