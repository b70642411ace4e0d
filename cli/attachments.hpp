#pragma once
/// Files that notes point to, kept beside the timeline under the digests of what is in them.

#include <filesystem>
#include <string>

#include "context.hpp"
#include "incident/event.hpp"

namespace trackier::cli {

class Attachments {
 public:
  static constexpr std::size_t most_bytes = std::size_t{64} << 20U;

  /// timelines: the directory that they are in.
  Attachments(Context& context, const std::filesystem::path& timelines);

  /// Keeps a copy, readable by its owner alone. Throws Error{Code::usage} for a name that is no
  /// text or longer than 80 bytes, Error{Code::data} for more than most_bytes.
  [[nodiscard]] incident::Attachment keep(const std::filesystem::path& file) const;

  /// Throws Error{Code::data} when it is gone, or is not what was kept.
  [[nodiscard]] std::string read(const incident::Attachment& attachment) const;

 private:
  Context& context_;
  std::filesystem::path directory_;
};

}  // namespace trackier::cli
