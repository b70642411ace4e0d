#include "private_file.hpp"

#include <fmt/format.h>

#include <array>

#include "core/text.hpp"
#include "os/replace_file.hpp"

namespace trackier::cli {
namespace {

constexpr std::string_view keyring_magic = "trackier-keyring/";

void refuse_inputs(Context& context, const std::filesystem::path& path,
                   const std::vector<std::filesystem::path>& inputs) {
  const auto there = context.files().status(path);
  for (const std::filesystem::path& input : inputs) {
    const auto read = context.files().status(input);
    if (there && read && there->same_file(*read)) {
      throw Error{Code::cannot_create,
                  fmt::format("{} is both input and output", printable(path.native())),
                  "name another file with -o"};
    }
  }
}

}  // namespace

void refuse_keyring(Context& context, const std::filesystem::path& path) {
  const auto there = context.files().status(path);
  if (!there || there->kind != os::FileStatus::Kind::regular) {
    return;
  }
  std::array<std::byte, keyring_magic.size()> begin{};
  const std::size_t got = context.files().open(path)->read_at(0, begin);
  if (as_text(Bytes{begin}.first(got)) == keyring_magic) {
    throw Error{Code::cannot_create,
                fmt::format("{} is a keyring, and would be lost", printable(path.native())),
                "name another file"};
  }
}

void write_private_file(Context& context, const std::filesystem::path& path, Bytes bytes,
                        const PrivateFileOptions& options) {
  refuse_inputs(context, path, options.inputs);
  refuse_keyring(context, path);
  os::ReplaceFile file{context.files(), path, {.replace = options.replace}};
  file.write(bytes);
  file.finish();
}

}  // namespace trackier::cli
