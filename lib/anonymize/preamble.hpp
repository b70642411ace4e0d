#pragma once
/// What has to be read again of a log before reading can go on in the middle of it: the header of a
/// table, the directives in force.

#include <cstdint>
#include <string>
#include <string_view>

#include "anonymize/directives.hpp"
#include "anonymize/profile.hpp"

namespace trackier::anonymize {

class Preamble {
 public:
  explicit Preamble(Format format);

  /// Whether more of the log is needed, up to where reading goes on.
  [[nodiscard]] bool wants_more() const { return wants_more_; }

  /// The log from its first byte on, in pieces of any size.
  void read(std::string_view piece);

  /// Whole lines that, put before the rest of the log, have it understood as if all of it were
  /// there: run_job() of a live log settles it before what follows, if that is read after it.
  [[nodiscard]] std::string text() const;

 private:
  void read_directives(std::string_view piece);
  void read_header(std::string_view piece);

  Format format_;
  bool wants_more_ = false;
  bool at_start_ = true;
  bool in_line_ = false;  ///< the line at hand began in an earlier piece and is no directive
  std::string line_;      ///< the directive at hand, or what there is of the header
  std::string header_;
  Directives directives_;
};

}  // namespace trackier::anonymize
