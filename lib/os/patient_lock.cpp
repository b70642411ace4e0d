#include "os/patient_lock.hpp"

#include <algorithm>
#include <thread>

namespace trackier::os {

std::unique_ptr<File> lock_with_patience(FileSystem& files, const std::filesystem::path& path,
                                         unsigned mode, std::chrono::milliseconds patience,
                                         const std::stop_token& stop) {
  constexpr std::chrono::microseconds longest_pause{20'000};
  std::chrono::microseconds pause{100};
  auto file = files.entry(path) ? nullptr : files.create_exclusive(path, mode);
  if (!file) {
    file = files.open_for_update(path);
  }
  const auto begun = std::chrono::steady_clock::now();
  while (!file->try_lock(0, 1)) {
    if (stop.stop_requested() || std::chrono::steady_clock::now() - begun > patience) {
      return nullptr;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, longest_pause);
  }
  return file;
}

}  // namespace trackier::os
