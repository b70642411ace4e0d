#pragma once
/// What is in an envelope, read as a stream. Nothing is given that is not authentic.

#include <string>
#include <vector>

#include "core/stream.hpp"
#include "envelope/identity.hpp"
#include "envelope/open.hpp"
#include "os/file.hpp"

namespace trackier::cli {

class SealedSource final : public Source {
 public:
  /// file: regular; must outlive it. Throws what envelope::Opening throws.
  SealedSource(os::File& file, const envelope::Identities& identities, std::string name);

  std::size_t read(MutBytes into) override;

 private:
  os::File& file_;
  std::string name_;
  envelope::Opening opening_;
  std::uint64_t size_;      ///< of the plaintext
  std::uint64_t read_ = 0;  ///< of it, so far
  std::vector<std::byte> piece_;
  std::size_t given_ = 0;  ///< of the piece
};

}  // namespace trackier::cli
