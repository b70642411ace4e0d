#pragma once
/// A file that is encrypted: whether it stands still meanwhile, and whether it may go afterwards.

#include <memory>
#include <string>

#include "context.hpp"
#include "crypto/secret.hpp"
#include "envelope/metadata.hpp"
#include "inputs.hpp"

namespace trackier::cli {

class SourceFile {
 public:
  /// Opens it. Throws Error{Code::no_input}; Error{Code::busy} when someone has it open for
  /// writing.
  SourceFile(Context& context, const Input& input);

  [[nodiscard]] os::File& file() { return *file_; }
  [[nodiscard]] const os::FileStatus& status() const { return status_; }
  [[nodiscard]] bool is_named_file() const;

  /// Throws Error{Code::no_input} when removing the name would not remove the file: a symbolic
  /// link, or one of several names.
  void check_removable();

  /// What an envelope is to remember; nothing of what has no name.
  [[nodiscard]] envelope::Metadata metadata() const;

  /// Throws Error{Code::busy} when size or time are no longer what they were.
  void check_unchanged() const;

  /// Removes the file after its envelope has been read again and found authentic, if the file is
  /// still the one that was read. Throws an Error that says why it stays.
  void remove(const std::filesystem::path& envelope, const crypto::Secret& data_key,
              std::uint64_t payload_bytes, unsigned workers);

 private:
  void check_still_there();

  Context& context_;
  const Input& input_;
  std::unique_ptr<os::File> file_;
  os::FileStatus status_;
};

}  // namespace trackier::cli
