#pragma once
/// A witness of logs of other hosts. It remembers the latest checkpoint it has cosigned of each,
/// and cosigns another one only when that shows the log to have grown from there: so no log can
/// take back, before anybody who asks for the cosignature, what it has once shown.
///
/// What is remembered is on the disk before a cosignature is given out; a run that is killed in
/// between has seen what nobody was told of, and the log gets its cosignature by asking again.
/// c2sp.org/tlog-witness; trackier-audit(5), WITNESSES.

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/note.hpp"
#include "audit/witness_request.hpp"
#include "core/time.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"

namespace trackier::audit {

struct WitnessOptions {
  std::filesystem::path directory;  ///< its own; made, 0700, when it is not there
  std::string name;                 ///< of its key
  std::vector<NoteKey> hosts;       ///< logs it is a witness of; their name is the origin
  std::chrono::milliseconds patience{10'000};  ///< for other runs
  std::stop_token stop;
};

/// Why a checkpoint was not cosigned.
enum class Refusal : std::uint8_t {
  other_size,  ///< the old size is not the one that was cosigned last
  other_root,  ///< of the same size there was another root
  no_proof,    ///< the proof does not show that the log only grew
};

struct WitnessAnswer {
  std::optional<Refusal> refusal;
  std::uint64_t size = 0;                    ///< cosigned last, now
  std::optional<NoteSignature> cosignature;  ///< when it was not refused
};

/// What is remembered of a log.
struct SeenLog {
  std::string origin;
  std::uint64_t size = 0;
  std::optional<Time> heard;   ///< when a checkpoint was cosigned last; none: never
  std::filesystem::path file;  ///< the note
};

/// Whether a host has not been heard for longer than `limit`. One that was heard at a time that is
/// to come is: a clock was set back, and nothing can be said of it.
bool is_silent(const SeenLog& seen, Time now, std::chrono::seconds limit);

class Witness {
 public:
  /// key: of the witness; it and `files` outlive this.
  Witness(os::FileSystem& files, WitnessOptions options, const crypto::Secret& key);

  /// Cosigns the checkpoint, or says why not. now: never less than last time, in what is signed.
  ///
  /// Only a checkpoint that is cosigned counts as a sign of life: a request that is refused, or an
  /// old one that is sent again, proves nothing about the log as it is, and a host whose log was
  /// rolled back has to be missed.
  ///
  /// Throws Error{Code::no_permission} when the log is not known or none of its keys has signed,
  /// Error{Code::data} when the old size is larger than the new one or what is remembered is
  /// damaged, Error{Code::busy}, and Error{Code::io}: then nothing was cosigned.
  WitnessAnswer add(const WitnessRequest& request, Time now);

  /// Throws Error{Code::data} when what is remembered is damaged.
  [[nodiscard]] SeenLog seen(const std::string& origin) const;

  /// The origins of all logs it is a witness of, sorted, each once.
  [[nodiscard]] std::vector<std::string> origins() const;

 private:
  /// What was cosigned last.
  struct Latest {
    Checkpoint checkpoint;  ///< of size 0, with the root of nothing, when there is none
    std::optional<Time> at;
  };
  [[nodiscard]] std::filesystem::path path_of(const std::string& origin) const;
  [[nodiscard]] Latest latest(const std::string& origin) const;
  [[nodiscard]] NoteSignature signature_of_log(const Note& note, const std::string& origin) const;
  void sweep() const;

  os::FileSystem& files_;
  WitnessOptions options_;
  const crypto::Secret& key_;
  NoteKey own_;
};

}  // namespace trackier::audit
