#include "os/link_target.hpp"

namespace trackier::os {

std::filesystem::path link_target(const std::filesystem::path& path) {
  constexpr int most = 40;  // as the kernel
  std::error_code failed;
  std::filesystem::path target = path;
  for (int i = 0; i < most; ++i) {
    const auto next = std::filesystem::read_symlink(target, failed);
    if (failed) {
      break;
    }
    target = target.parent_path() / next;  // an absolute one replaces all of it
  }
  auto whole = std::filesystem::weakly_canonical(target, failed);
  return failed ? path : whole;
}

}  // namespace trackier::os
