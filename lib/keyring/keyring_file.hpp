#pragma once
/// The file a keyring is kept in: an envelope of format trackier-keyring/1 whose recipients are the
/// ways to unlock it and whose data key is the root key. trackier-keyring(5), FILE.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "envelope/identity.hpp"
#include "envelope/recipient.hpp"
#include "envelope/stanza.hpp"
#include "keyring/keyring.hpp"
#include "os/file.hpp"

namespace trackier::keyring {

/// A way to open the keyring that is to be added: envelope::wrapping_key_recipient or
/// envelope::passphrase_recipient.
struct NewUnlock {
  std::shared_ptr<const envelope::Recipient> recipient;
  std::string label;  ///< 1 to 500 bytes of UTF-8, unique
};

struct KeyringPlace {
  std::filesystem::path path;
  /// Where the generation that was used last is kept, as keyring-ID.seen. Empty: rollbacks are not
  /// recognised.
  std::filesystem::path state_directory;
};

enum class Access : bool {
  read,    ///< takes no lock
  change,  ///< holds the lock PATH.lock as long as the object lives
};

struct OpenKeyringOptions {
  Access access = Access::read;
  bool accept_rollback = false;
};

class KeyringFile {
 public:
  /// Makes a keyring without keys and saves it, 0600, its directory 0700 if that is made. Throws
  /// Error{Code::cannot_create} when the path exists, Error{Code::busy} when someone else is at it.
  static KeyringFile create(os::FileSystem& files, const KeyringPlace& place,
                            const std::vector<NewUnlock>& unlocks, Time now, HalfProvider halves);

  /// Throws Error{Code::no_input}: no file; Error{Code::no_permission}: nothing in `identities`
  /// opens it; Error{Code::busy}: someone else is changing it; Error{Code::data}: damaged, forged,
  /// or older than the one used last.
  static KeyringFile open(os::FileSystem& files, const KeyringPlace& place,
                          const envelope::Identities& identities, const OpenKeyringOptions& options,
                          const HalfProvider& halves);

  [[nodiscard]] Keyring& keyring() noexcept { return *keyring_; }
  [[nodiscard]] const Keyring& keyring() const noexcept { return *keyring_; }
  [[nodiscard]] const envelope::FileId& id() const noexcept { return id_; }

  /// When the generation could not be noted while reading or by the last save (a read-only state
  /// directory, a full disk): why. To be warned of; when opening for a change it is an error.
  [[nodiscard]] const std::optional<Error>& seen_problem() const noexcept { return seen_problem_; }

  /// Puts what the keyring says now in place of the file: complete, or not at all. The next
  /// generation. Throws Error{Code::bug} after Access::read; Error{Code::data} when it would not
  /// open again; Error{Code::io, cannot_create}. When it throws, the file is the old one or the new
  /// one, whole. undo: called before it throws when the file still is the old one; what the new one
  /// needs must not be taken away from it.
  void save(
      Time now, const std::function<void()>& undo = [] {});

  /// Takes effect with save(). Throws Error{Code::usage}: the label is taken or unfit, there are 24
  /// already, or 4 passphrases; Error{Code::bug} for a recipient of another kind.
  void add_unlock(const NewUnlock& unlock, Time now);
  /// By label or id. Throws Error{Code::no_permission}: there is none, or it is the last.
  void remove_unlock(std::string_view label_or_id);
  [[nodiscard]] const std::vector<UnlockMethod>& unlocks() const;

 private:
  KeyringFile(os::FileSystem& files, KeyringPlace place);

  void lock();
  void read(const envelope::Identities& identities, const HalfProvider& halves);
  void notice_generation(const OpenKeyringOptions& options);
  [[nodiscard]] std::string sealed(const Document& document) const;
  void remove_leftovers();
  void note_saved();

  os::FileSystem* files_;
  KeyringPlace place_;
  std::unique_ptr<os::File> lock_;
  envelope::FileId id_{};
  std::vector<envelope::Stanza> stanzas_;
  std::unique_ptr<Keyring> keyring_;  ///< does not move: identities refer to it
  std::uint64_t seen_ = 0;
  bool is_new_ = false;
  std::optional<Error> seen_problem_;
};

}  // namespace trackier::keyring
