#pragma once
/// Checks as they are run: each becomes an entry of the proof, whatever comes of it. Of interest
/// inside this area only.

#include <chrono>
#include <exception>
#include <functional>
#include <stop_token>
#include <string>

#include "content/content.hpp"
#include "core/error.hpp"
#include "proof/proof.hpp"

namespace trackier::verify {

class Recorder {
 public:
  using Body = std::function<void(proof::Check&)>;

  /// proof: what is written into. told: after each check.
  Recorder(proof::Proof& proof, std::function<void(const proof::Check&)> told)
      : proof_(proof), told_(std::move(told)) {}

  /// Runs a check, which says in the entry what it has looked at and what differs; differences make
  /// it fail, and so does having looked at nothing. An Error becomes a verdict, by its code: what
  /// is damaged or missing has failed, what stands in the way is not evaluated. Interrupted and
  /// Code::bug leave. Returns whether what comes next may build on it.
  bool run(const proof::Check& begin, const Body& body);

  /// The same for what is not about the backup: it does not change the verdict of the drill.
  void run_aside(const proof::Check& begin, const Body& body);

  /// What run() does in two steps, for a check that runs beside others: judge() in any thread, and
  /// record() where the checks are recorded one after the other.
  static proof::Check judge(const proof::Check& begin, const Body& body);
  bool record(proof::Check check);

  /// Time that went into the recorded check `name` before it was run.
  void add_time(const std::string& name, std::chrono::milliseconds took);

  /// Something nobody looks at.
  void leave_out(std::string name, std::string why);

  [[nodiscard]] proof::Proof& proof() noexcept { return proof_; }

 private:
  void keep(proof::Check check);

  proof::Proof& proof_;
  std::function<void(const proof::Check&)> told_;
};

/// Adds a difference; the first twenty are kept, all are counted.
void add_difference(proof::Check& check, content::Difference difference);

}  // namespace trackier::verify
