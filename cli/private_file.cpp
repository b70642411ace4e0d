#include "private_file.hpp"

#include "os/replace_file.hpp"

namespace trackier::cli {

void write_private_file(Context& context, const std::filesystem::path& path, Bytes bytes,
                        bool replace) {
  os::ReplaceFile file{context.files(), path, {.replace = replace}};
  file.write(bytes);
  file.finish();
}

}  // namespace trackier::cli
