#include "attachments.hpp"

#include <fmt/format.h>

#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli {
namespace {

std::string digest_of(const std::string& bytes) {
  return hexadecimal(crypto::sha256(as_bytes(bytes)));
}

}  // namespace

Attachments::Attachments(Context& context, const std::filesystem::path& timelines)
    : context_(context), directory_(timelines / "attachments") {}

incident::Attachment Attachments::keep(const std::filesystem::path& file) const {
  constexpr std::size_t most_name = 80;  // with what goes before it, fits into the header of a tar
  const std::string name = file.filename().native();
  if (name.empty() || name.size() > most_name || name != printable(name)) {
    throw Error{Code::usage,
                fmt::format("{}: not a name for an attachment", printable(file.native())),
                fmt::format("give it a name of letters, and at most {} bytes", most_name)};
  }
  const std::string bytes = os::read_whole(context_.files(), file, most_bytes);
  const std::string sha256 = digest_of(bytes);
  context_.files().create_directories(directory_, 0700);
  os::ReplaceFile copy{context_.files(), directory_ / sha256, {.replace = true}};
  copy.write(as_bytes(bytes));
  copy.finish();
  return {.name = name, .bytes = bytes.size(), .sha256 = sha256};
}

std::string Attachments::read(const incident::Attachment& attachment) const {
  const auto path = directory_ / attachment.sha256;
  if (!context_.files().status(path)) {
    throw Error{Code::data, fmt::format("the attachment {} is gone", printable(attachment.name)),
                fmt::format("put it back: {}", printable(path.native()))};
  }
  std::string bytes = os::read_whole(context_.files(), path, most_bytes);
  if (digest_of(bytes) != attachment.sha256) {
    throw Error{Code::data,
                fmt::format("the attachment {} is not what was kept", printable(attachment.name)),
                fmt::format("put it back: {}", printable(path.native()))};
  }
  return bytes;
}

}  // namespace trackier::cli
