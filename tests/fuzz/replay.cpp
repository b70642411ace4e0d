// Runs the corpus through the fuzz targets, with any compiler and without a fuzzer: what was found
// once is looked for in every build.
//
//   fuzz_replay CORPUS            every target with the files of CORPUS/<target>/
//   fuzz_replay TARGET FILE...    one target with these files
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "targets.hpp"

namespace {

namespace fs = std::filesystem;
using trackier::fuzz::Target;

bool replay(const Target& target, const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  const std::string input{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream) {
    std::fprintf(stderr, "cannot read %s\n", file.c_str());
    return false;
  }
  // Said before it runs: when the target aborts, the last line names the culprit.
  std::printf("%s %s\n", std::string{target.name}.c_str(), file.filename().c_str());
  std::fflush(stdout);
  target.run(input);
  return true;
}

std::vector<fs::path> files_of(const fs::path& directory) {
  std::vector<fs::path> files;
  if (fs::is_directory(directory)) {
    for (const auto& entry : fs::directory_iterator{directory}) {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

bool replay_corpus(const fs::path& corpus) {
  bool good = true;
  for (const Target& target : trackier::fuzz::targets) {
    const auto files = files_of(corpus / target.name);
    if (files.empty()) {
      std::fprintf(stderr, "no corpus for %s\n", std::string{target.name}.c_str());
      good = false;
    }
    for (const fs::path& file : files) {
      good = replay(target, file) && good;
    }
  }
  return good;
}

}  // namespace

int main(int count, char** words) {
  if (count == 2) {
    return replay_corpus(words[1]) ? 0 : 1;
  }
  const auto* const target = std::ranges::find(
      trackier::fuzz::targets, std::string_view{count > 2 ? words[1] : ""}, &Target::name);
  if (target == trackier::fuzz::targets.end()) {
    std::fputs("usage: fuzz_replay CORPUS | fuzz_replay TARGET FILE...\n", stderr);
    return 64;
  }
  bool good = true;
  for (int i = 2; i < count; ++i) {
    good = replay(*target, words[i]) && good;
  }
  return good ? 0 : 1;
}
